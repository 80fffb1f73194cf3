import { globSync, readFileSync } from "node:fs";
import path from "node:path";

import { parse } from "yaml";
import { z } from "zod";

const FOLDER = path.join(import.meta.dirname, "../../ops/prometheus");
const RUNBOOK = "docs/runbooks.md#";
const SEVERITIES = ["page", "ticket"];
const PARTS = ["**What it means.**", "**How to look.**", "**What to do.**"];

const rule = z.object({
  alert: z.string().optional(),
  record: z.string().optional(),
  expr: z.string(),
  labels: z.record(z.string(), z.string()).default({}),
  annotations: z.record(z.string(), z.string()).default({}),
});
const ruleFile = z.object({ groups: z.array(z.object({ rules: z.array(rule) })) });
const testFile = z.object({
  tests: z.array(
    z.object({
      name: z.string(),
      alert_rule_test: z.array(z.object({ alertname: z.string(), exp_alerts: z.array(z.unknown()) })),
    }),
  ),
});

export type Rule = z.infer<typeof rule>;
type RuleTest = z.infer<typeof testFile>["tests"][number];

/** All that is written about alerts. */
export interface AlertSources {
  readonly rules: readonly Rule[];
  readonly tests: readonly RuleTest[];
  /** The text of `docs/runbooks.md`. */
  readonly runbooks: string;
}

export function readAlertSources(): AlertSources {
  const read = (pattern: string): unknown[] =>
    globSync(pattern, { cwd: FOLDER }).map((file) => parse(readFileSync(path.join(FOLDER, file), "utf8")));
  return {
    rules: read("rules/*.yml").flatMap((text) => ruleFile.parse(text).groups.flatMap(({ rules }) => rules)),
    tests: read("tests/*.yml").flatMap((text) => testFile.parse(text).tests),
    runbooks: readFileSync(path.join(FOLDER, "../../docs/runbooks.md"), "utf8"),
  };
}

/** One sentence for each thing that an alert, a test or a runbook lacks. */
export function findGaps({ rules, tests, runbooks }: AlertSources): string[] {
  const alerts = rules.filter((one) => one.alert !== undefined);
  const entries = readEntries(runbooks);
  const names = new Set(alerts.map(({ alert }) => alert));
  return [
    ...alerts.flatMap((alert) => judgeAlert(alert, tests, entries).map((gap) => `${alert.alert} ${gap}`)),
    ...[...entries.keys()].filter((entry) => !names.has(entry)).map((entry) => `${entry} has a runbook, but no alert`),
    ...tests
      .flatMap(({ alert_rule_test }) => alert_rule_test)
      .filter(({ alertname }) => !names.has(alertname))
      .map(({ alertname }) => `${alertname} is tested, but no alert`),
  ];
}

function judgeAlert({ alert = "", labels, annotations }: Rule, tests: readonly RuleTest[], entries: Entries): string[] {
  const entry = entries.get(alert);
  const ofAlert = tests
    .map(({ name, alert_rule_test }) => ({
      name,
      cases: alert_rule_test.filter(({ alertname }) => alertname === alert),
    }))
    .filter(({ cases }) => cases.length > 0);
  const fires = ofAlert.some(
    ({ name, cases }) => name.startsWith(`${alert} fires`) && cases.some(({ exp_alerts }) => exp_alerts.length > 0),
  );
  const isSilent = ofAlert.some(
    ({ name, cases }) =>
      name.startsWith(`${alert} stays silent`) && cases.every(({ exp_alerts }) => exp_alerts.length === 0),
  );
  return [
    ...(SEVERITIES.includes(labels["severity"] ?? "") ? [] : [`has no severity of ${SEVERITIES.join(", ")}`]),
    ...["summary", "description"].filter((name) => !annotations[name]?.trim()).map((name) => `has no ${name}`),
    ...(annotations["runbook_url"] === `${RUNBOOK}${slugOf(alert)}` ? [] : ["has no runbook_url of its own entry"]),
    ...(entry === undefined ? ["has no runbook"] : PARTS.filter((part) => !entry.includes(part)).map(lacking)),
    ...(entry === undefined || /```sh\n[^`]+```/.test(entry) ? [] : ["has a runbook without a command to copy"]),
    ...(fires ? [] : ["has no test in which it fires"]),
    ...(isSilent ? [] : ["has no test in which it stays silent"]),
  ];
}

const lacking = (part: string): string => `has a runbook without ${part}`;

type Entries = ReadonlyMap<string, string>;

/** Texts below the headings of the second level, by heading. */
function readEntries(runbooks: string): Entries {
  const [, ...sections] = runbooks.split(/^## /m);
  return new Map(sections.map((section) => [section.split("\n", 1)[0] ?? "", section]));
}

/** The anchor that GitHub gives a heading. */
const slugOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
    .replaceAll(" ", "-");

/** Names of series that an expression takes from the telemetry Worker: those that are neither recorded here nor Prometheus's own. */
export function scrapedNames(expression: string): string[] {
  const bare = expression.replaceAll(/\{[^}]*\}/g, "").replaceAll(/\b(?:by|on|group_left) ?\([^)]*\)/g, "");
  return [...bare.matchAll(/(?<![\w:])[a-z]\w*_\w+(?![\w:(]| ?\()/g)].map(([name]) => name);
}

/** Names of labels and their values in an expression's selectors. */
export function matchersIn(expression: string): { readonly label: string; readonly value: string }[] {
  return [...expression.matchAll(/(\w+)\s*(?:=~|!~|!=|=)\s*"([^"]*)"/g)].map(([, label = "", value = ""]) => ({
    label,
    value,
  }));
}
