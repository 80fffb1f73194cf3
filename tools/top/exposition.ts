/** One sample of a scrape. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? ([^\s]+)(?: \d+)?$/;
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"/g;
const ESCAPES: Readonly<Record<string, string>> = { n: "\n", "\\": "\\", '"': '"' };

/**
 * Reads Prometheus's text format 0.0.4 (prometheus.io/docs/instrumenting/exposition_formats).
 * @throws Error at a line that is no sample and no comment: then this is not a page of metrics
 */
export function parseExposition(text: string): Sample[] {
  return text
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => {
      const [, name, labels = "", value = ""] = SAMPLE.exec(line) ?? [];
      if (name === undefined) throw new Error(`no line of Prometheus's text format: ${line.slice(0, 60)}`);
      return { name, labels: parseLabels(labels), value: parseValue(value) };
    });
}

function parseLabels(text: string): Record<string, string> {
  const pairs = [...text.matchAll(LABEL)].map(([, label = "", value = ""]) => [label, unescape(value)] as const);
  return Object.fromEntries(pairs);
}

const unescape = (value: string): string => value.replaceAll(/\\(.)/g, (_, code: string) => ESCAPES[code] ?? code);

/** Go writes infinity as `+Inf`. */
export function parseValue(text: string): number {
  const [, sign, isInfinite] = /^([+-]?)(inf)?/i.exec(text) ?? [];
  if (isInfinite === undefined) return Number(text);
  return sign === "-" ? -Infinity : Infinity;
}
