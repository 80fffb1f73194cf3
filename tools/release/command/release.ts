// `npm run release`: options and environment in, a released version or an untouched deployment out. See release-options.ts for the help text.
import type { VersionShare } from "../cloudflare/control-plane.ts";
import { formatShares } from "../cloudflare/versions.ts";
import { runCompanionCommand } from "../companions/command.ts";
import { findCompanion } from "../companions/index.ts";
import { runRelease } from "../controller.ts";
import { createDependencies } from "../dependencies.ts";
import { MIN_SAMPLES } from "../judge/limits.ts";
import { describeEnding, describeWayOut } from "../report/ending.ts";
import { readReleaseSecrets, readTarget } from "./environment.ts";
import { readMetricsAccess } from "./metrics-access.ts";
import { assertBakeIsLongEnough } from "./probe-budget.ts";
import { HELP, parseReleaseOptions, type ReleaseOptions } from "./release-options.ts";
import { type PreparedCommand, runCommand } from "./run-command.ts";

function prepare(options: ReleaseOptions): PreparedCommand {
  // Needs all of the variables, so that all that is missing is named at once.
  const secrets = readReleaseSecrets(process.env);
  assertBakeIsLongEnough(options.bakeMs, secrets.apiKeys.length, MIN_SAMPLES);
  const metrics = readMetricsAccess(options, process.env, readTarget(process.env).kind);
  const { env, isSmokeReadOnly } = options;
  let lastKnown: LastKnown | null = null;
  return {
    question: "Release this to production?",
    onInterrupt: "going to a safe state. A second Ctrl-C ends at once.",
    async run({ target, subject, journal, progress, signal, confirm }) {
      const { worker } = subject;
      const ports = createDependencies({
        env,
        worker,
        target,
        secrets,
        metrics,
        isSmokeReadOnly,
        signal,
        confirm,
        environment: process.env,
        note: (text) => progress.note(text),
        onSmoke: (text) => progress.update(text),
      });
      return await runRelease({
        plan: { ...subject, ...options, verifiedCommit: secrets.verifiedCommit, metricsUrl: metrics?.url ?? null },
        ports,
        journal,
        signal,
        note: (text) => progress.note(text),
        onTraffic(shares, { previous }) {
          lastKnown = { shares, previous };
        },
      });
    },
    endAtOnce: () => describeEndAtOnce(env, lastKnown),
    describeEnding,
  };
}

/** What is live, as far as it is known, once this release has changed it. */
interface LastKnown {
  readonly shares: readonly VersionShare[];
  readonly previous: string;
}

/** Nothing is safe to say but what was known last; a deployment that is being written ends by itself. */
function describeEndAtOnce(env: string, lastKnown: LastKnown | null): ReturnType<PreparedCommand["endAtOnce"]> {
  if (lastKnown === null) return { outcome: "interrupted", lines: ["Ended at once; no deployment was changed."] };
  const { shares, previous } = lastKnown;
  return {
    outcome: "unverified",
    lines: [
      `Ended at once; last known to be live: ${formatShares(shares)}.`,
      ...describeWayOut({ env, previousId: previous }),
    ],
  };
}

if (import.meta.main) {
  // Workers beside the API are released in another way, with options of their own.
  const companion = findCompanion(process.argv.slice(2));
  if (companion !== null) await runCompanionCommand(companion);
  else await runCommand({ name: "release", help: HELP, parse: parseReleaseOptions, prepare });
}
