import type { Family } from "./catalogue.ts";
import type { FamilySamples, Sample } from "./samples.ts";

/** The two text formats of Prometheus: its own 0.0.4, and OpenMetrics 1.0 (prometheus.io/docs/instrumenting/exposition_formats). */
export type ExpositionFormat = "prometheus" | "openmetrics";

export const CONTENT_TYPES: Readonly<Record<ExpositionFormat, string>> = {
  prometheus: "text/plain; version=0.0.4; charset=utf-8",
  openmetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8",
};

/** Writes families with their samples as one text. */
export function formatExposition(families: readonly FamilySamples[], format: ExpositionFormat): string {
  const lines = families.flatMap(({ family, samples }) => [
    `# HELP ${familyName(family, format)} ${escapeHelp(family.help, format)}`,
    `# TYPE ${familyName(family, format)} ${family.type}`,
    ...samples.map((sample) => formatSample(family, sample) + formatExemplar(sample, format)),
  ]);
  if (format === "openmetrics") lines.push("# EOF");
  return `${lines.join("\n")}\n`;
}

/** In OpenMetrics a counter's family has no suffix, and only its sample has; in 0.0.4 both are called the same. */
function familyName({ name, type }: Family, format: ExpositionFormat): string {
  return type === "counter" && format === "prometheus" ? `${name}_total` : name;
}

function formatSample({ name }: Family, { suffix, labels, value }: Sample): string {
  const pairs = labels.map(([label, text]) => `${label}="${escapeLabelValue(text)}"`).join(",");
  return `${name}${suffix}${pairs === "" ? "" : `{${pairs}}`} ${value}`;
}

/** The trace of one measurement behind its bucket's count; Prometheus's own format has no place for it. */
function formatExemplar({ exemplar }: Sample, format: ExpositionFormat): string {
  if (exemplar === undefined || format === "prometheus") return "";
  return ` # {trace_id="${exemplar.traceId}"} ${exemplar.seconds} ${exemplar.at}`;
}

/** Backslash, quote and line feed are the three that would end a value, in both formats. */
export function escapeLabelValue(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}

function escapeHelp(text: string, format: ExpositionFormat): string {
  if (format === "openmetrics") return escapeLabelValue(text);
  return text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}
