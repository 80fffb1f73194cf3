import { globSync, readFileSync } from "node:fs";
import path from "node:path";

import { parse } from "yaml";

import { ROOT } from "../../../tools/process/run-script.ts";
import type { Catalogue } from "./check-query.ts";

/** A query of the project, wherever it stands. */
export interface Query {
  /** For a reader: the file, and the panel, block or rule in it. */
  readonly where: string;
  readonly expr: string;
  /** Labels that the legend, or the text of an annotation, shows: the result must have them. */
  readonly shows: readonly string[];
}

/** A query that becomes a series of its own. */
export interface RecordingRule extends Query {
  readonly record: string;
  /** Labels that the rule adds. */
  readonly adds: readonly string[];
}

const RULE_FILES = "ops/prometheus/**/*.{yml,yaml}";

/** What Grafana puts in place of its variables; those within texts of matchers may stay. */
const DURATIONS: Readonly<Record<string, string>> = {
  $__rate_interval: "5m",
  $__interval: "1m",
  $__range: "1h",
};

const LABEL_VALUES = /^label_values\((.+), *(\w+)\)$/;

/** Every query of the dashboards: of panels, of marks and of variables. */
export function dashboardQueries(): Query[] {
  return globSync("ops/grafana/provisioning/dashboards/*/*.json", { cwd: ROOT })
    .toSorted()
    .flatMap((file) => findInDashboard(JSON.parse(readText(file)), path.basename(file)));
}

/** Every query of the documentation: in its blocks of PromQL each line is one, and an indented one goes on. */
export function documentedQueries(): Query[] {
  return globSync("docs/*.md", { cwd: ROOT })
    .toSorted()
    .flatMap((file) =>
      [...readText(file).matchAll(/^```promql\n([^]*?)^```/gm)].flatMap(([, block = ""]) =>
        block
          .trim()
          .split(/\n(?=\S)/)
          .map((expr) => ({ where: `${file}: ${expr.slice(0, 60)}`, expr, shows: [] })),
      ),
    );
}

/** Every rule of Prometheus, if there are any: alerts and recordings. */
export function ruleQueries(): (Query | RecordingRule)[] {
  return globSync(RULE_FILES, { cwd: ROOT })
    .toSorted()
    .flatMap((file) => findRules(parse(readText(file)), file));
}

const isRecording = (query: Query | RecordingRule): query is RecordingRule => "record" in query;

/** Labels that the configuration of Prometheus gives to what it scrapes, besides its own two. */
export function configuredLabels(): string[] {
  const files = globSync("ops/prometheus/prometheus.yml", { cwd: ROOT });
  const scrapes = files.flatMap((file) => listOf(parse(readText(file)), "scrape_configs"));
  const targets = scrapes.flatMap((scrape) => listOf(scrape, "static_configs"));
  return targets.flatMap(({ labels }) => (isRecord(labels) ? Object.keys(labels) : []));
}

/** What recording rules make is a series as well; a rule may use the series of one before. */
export function withRecordings(
  catalogue: Catalogue,
  rules: readonly (Query | RecordingRule)[],
  labelsOf: (expr: string, known: Catalogue) => ReadonlySet<string> | null,
): Catalogue {
  const known = new Map(catalogue);
  for (const { record, expr, adds } of rules.filter(isRecording)) {
    known.set(record, new Set([...(labelsOf(expr, known) ?? []), ...adds]));
  }
  return known;
}

function findInDashboard(node: unknown, where: string): Query[] {
  if (Array.isArray(node)) return node.flatMap((item) => findInDashboard(item, where));
  if (!isRecord(node)) return [];
  const title = typeof node["title"] === "string" ? `${where}: ${node["title"]}` : where;
  return [...ownQuery(node, title), ...Object.values(node).flatMap((child) => findInDashboard(child, title))];
}

function ownQuery(node: Readonly<Record<string, unknown>>, where: string): Query[] {
  const { expr, definition } = node;
  if (typeof definition === "string") {
    const [, vector = "", label = ""] = LABEL_VALUES.exec(definition) ?? [];
    return [{ where: `${where}: ${definition}`, expr: `count by (${label}) (${vector})`, shows: [] }];
  }
  if (typeof expr !== "string") return [];
  const texts = ["legendFormat", "titleFormat", "textFormat"]
    .map((key) => node[key])
    .filter((text) => typeof text === "string");
  const shows = texts.flatMap((text) => [...text.matchAll(/\{\{ *(\w+) *\}\}/g)].map(([, label = ""]) => label));
  const plain = expr.replaceAll(/\$__\w+/g, (variable) => DURATIONS[variable] ?? variable);
  return [{ where: `${where}: ${expr}`, expr: plain, shows }];
}

function findRules(file: unknown, where: string): (Query | RecordingRule)[] {
  return listOf(file, "groups")
    .flatMap((group) => listOf(group, "rules").map(toRule))
    .map((rule) => ({ ...rule, where: `${where}: ${rule.where}` }));
}

function toRule({
  record,
  alert,
  expr,
  labels,
  annotations,
}: Readonly<Record<string, unknown>>): Query | RecordingRule {
  const adds = isRecord(labels) ? Object.keys(labels) : [];
  const texts = isRecord(annotations) ? Object.values(annotations).map(String).join("\n") : "";
  const used = [...texts.matchAll(/\$labels\.(\w+)/g)].map(([, label = ""]) => label);
  const query = {
    where: String(record ?? alert),
    expr: String(expr),
    shows: used.filter((one) => !adds.includes(one)),
  };
  return typeof record === "string" ? { ...query, record, adds } : query;
}

const readText = (file: string): string => readFileSync(path.join(ROOT, file), "utf8");

function listOf(parent: unknown, key: string): Readonly<Record<string, unknown>>[] {
  const list = isRecord(parent) ? parent[key] : [];
  return Array.isArray(list) ? list.filter(isRecord) : [];
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
