import { parse, stringify } from "yaml";

/** So many seconds of the real rules become one: a minute passes in a second. Nothing else about the expressions changes. */
const SHORTENED_BY = 60;

const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;
type Unit = keyof typeof UNIT_MS;
const DURATION = /(\d+)(ms|[smhdw])/g;

/** Prometheus scrapes and evaluates no more often: half a second would be more than a busy machine can do. */
const MIN_MS = 1_000;

/** A duration as Prometheus writes it, divided; `minMs` at least. */
export function shortenDuration(text: string, minMs = 0): string {
  const parts = [...text.matchAll(DURATION)];
  if (parts.length === 0 || parts.map(([part]) => part).join("") !== text) throw new Error(`no duration: ${text}`);
  const totalMs = parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * UNIT_MS[toUnit(unit)], 0);
  return `${Math.max(minMs, Math.round(totalMs / SHORTENED_BY))}ms`;
}

function toUnit(text = ""): Unit {
  const unit = (["ms", "s", "m", "h", "d", "w"] as const).find((known) => known === text);
  if (unit === undefined) throw new Error(`no unit of time: ${text}`);
  return unit;
}

/** Ranges, steps and offsets; texts in quotes hold none. */
export function shortenExpression(expression: string): string {
  return expression.replaceAll(/"[^"]*"|\[[^\]]+\]|\boffset \w+/g, (part) =>
    part.startsWith('"') ? part : part.replaceAll(/(?:\d+(?:ms|[smhdw]))+\b/g, (text) => shortenDuration(text)),
  );
}

interface Rule {
  expr: string;
  for?: string;
}

/** The text of a rules file with every duration shortened: windows, offsets, `for`. */
export function shortenRules(text: string): string {
  const file: { groups: { rules: Rule[] }[] } = parse(text);
  for (const rule of file.groups.flatMap(({ rules }) => rules)) {
    rule.expr = shortenExpression(rule.expr);
    if (rule.for !== undefined) rule.for = shortenDuration(rule.for);
  }
  return stringify(file);
}

export interface PrometheusTargets {
  /** Host and port of telemetry. */
  readonly telemetry: string;
  readonly alertmanager: string;
  /** File that holds the token. */
  readonly credentialsFile: string;
}

interface ScrapeConfig {
  job_name: string;
  scheme: string;
  authorization: { credentials_file: string };
  static_configs: { targets: string[] }[];
}

/** `prometheus.yml` with production's job pointed here, by http, and without staging's: there is one telemetry. */
export function shortenPrometheus(
  text: string,
  { telemetry, alertmanager, credentialsFile }: PrometheusTargets,
): string {
  const file: {
    global: Record<string, string>;
    alerting: { alertmanagers: { static_configs: { targets: string[] }[] }[] };
    scrape_configs: ScrapeConfig[];
  } = parse(text);
  file.global = Object.fromEntries(
    Object.entries(file.global).map(([name, duration]) => [name, shortenDuration(duration, MIN_MS)]),
  );
  for (const config of file.alerting.alertmanagers.flatMap(({ static_configs }) => static_configs))
    config.targets = [alertmanager];
  file.scrape_configs = file.scrape_configs.filter(({ job_name }) => job_name === "users-api-production");
  for (const job of file.scrape_configs) {
    job.scheme = "http";
    job.authorization.credentials_file = credentialsFile;
    for (const config of job.static_configs) config.targets = [telemetry];
  }
  return stringify(file);
}

interface Route {
  routes?: Route[];
  [setting: string]: unknown;
}

/** `alertmanager.yml` with every receiver replaced by one that calls `receiverUrl` with its name as path, and shorter waits. */
export function shortenAlertmanager(text: string, receiverUrl: string): string {
  const file: { route: Route; receivers: { name: string }[] } = parse(text);
  const shorten = (route: Route): void => {
    for (const setting of ["group_wait", "group_interval", "repeat_interval"]) {
      const duration = route[setting];
      if (typeof duration === "string") route[setting] = shortenDuration(duration, MIN_MS);
    }
    for (const child of route.routes ?? []) shorten(child);
  };
  shorten(file.route);
  const receivers = file.receivers.map(({ name }) => ({
    name,
    webhook_configs: [{ url: `${receiverUrl}/${name}`, send_resolved: true }],
  }));
  return stringify({ ...file, receivers });
}
