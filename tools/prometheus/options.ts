import { parseFlags, parseNumber } from "../command/parse-flags.ts";

export const HELP = `npm run test:prometheus [-- options]

Examines ops/prometheus with the real Prometheus and Alertmanager. First their own tools check the files and run the tests of the rules.
Then PostgreSQL, the database gateway, telemetry and two versions of the API are started, each in a process of its own, and a known mix of
requests is sent to both versions at once, while telemetry is killed and started again: Prometheus must have counted exactly what the
client did. At last PostgreSQL is stopped: alerts must fire in Alertmanager, and resolve when it is back.

The rules are those of ops/prometheus with the same expressions, but with all windows and waits divided by 60: a minute passes in a
second. Scrapes and evaluations are a second apart, half of that would be their share. docs/observability.md tells more.

  --requests N   in all (20000)
  --help         this text

Needs prometheus, promtool, alertmanager and amtool: npm run prometheus:programs. The last line counts the checks. Exit code: 0 all passed,
1 some failed, 2 wrong usage, 69 a program is missing, 130 interrupted. Ctrl-C stops everything; a second one does not wait for it.
`;

export interface PrometheusOptions {
  readonly requests: number;
}

/** Reads the command line of `npm run test:prometheus`; null asks for the help text. @throws UsageError */
export function parsePrometheusOptions(args: readonly string[]): PrometheusOptions | null {
  const flags = parseFlags(args, {
    requests: { type: "string", default: "20000" },
    help: { type: "boolean", short: "h", default: false },
  });
  if (flags.help) return null;
  return { requests: parseNumber("--requests", flags.requests, 300, 999_999) };
}
