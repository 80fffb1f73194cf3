/** One line of Prometheus's text format. */
export interface MetricSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** The text is not in the format; the message says which line, never what is in it beyond its beginning. */
export class ExpositionError extends Error {
  override readonly name = "ExpositionError";
}

const NAME = "[a-zA-Z_:][a-zA-Z0-9_:]*";
const COMMENT = /^#/;
const TYPE = new RegExp(`^# TYPE (${NAME}) (counter|gauge|histogram|summary|untyped)$`);
/** A time in milliseconds may follow, which nobody here needs. */
const SAMPLE = new RegExp(`^(${NAME})(?:\\{(.*)\\})? (\\S+)(?: -?\\d+)?$`);
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(?:,|$)/y;
const NUMBER = /^(?:[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|[+-]?Inf|NaN)$/i;
const SHOWN = 80;

/**
 * Reads Prometheus's text format 0.0.4 strictly (prometheus.io/docs/instrumenting/exposition_formats): the text is whole, each line is one
 * of the format's, no family is announced twice, no series comes twice.
 * @throws ExpositionError at the first line that is against the rules
 */
export function parseExposition(text: string): readonly MetricSample[] {
  if (text !== "" && !text.endsWith("\n"))
    throw new ExpositionError("the text does not end with a line feed: it is cut");
  const families = new Set<string>();
  const series = new Set<string>();
  const samples: MetricSample[] = [];
  for (const line of text.split("\n")) {
    if (line === "") continue;
    if (COMMENT.test(line)) {
      noteType(line, families);
      continue;
    }
    const sample = parseSample(line);
    const key = keyOf(sample);
    if (series.has(key)) throw refuse("the same series twice", line);
    series.add(key);
    samples.push(sample);
  }
  return samples;
}

function noteType(line: string, families: Set<string>): void {
  if (!line.startsWith("# TYPE ")) return;
  const [, family] = TYPE.exec(line) ?? [];
  if (family === undefined) throw refuse("no type", line);
  if (families.has(family)) throw refuse("a family is announced twice", line);
  families.add(family);
}

function parseSample(line: string): MetricSample {
  const [, name, labels = "", value = ""] = SAMPLE.exec(line) ?? [];
  if (name === undefined || !NUMBER.test(value)) throw refuse("no sample", line);
  return { name, labels: parseLabels(labels, line), value: toNumber(value) };
}

function parseLabels(text: string, line: string): Readonly<Record<string, string>> {
  const labels: Record<string, string> = {};
  LABEL.lastIndex = 0;
  while (LABEL.lastIndex < text.length) {
    const [all, label = "", value = ""] = LABEL.exec(text) ?? [];
    if (all === undefined) throw refuse("bad labels", line);
    if (Object.hasOwn(labels, label)) throw refuse("the same label twice", line);
    labels[label] = value.includes("\\") ? unescape(value) : value;
  }
  return labels;
}

const unescape = (text: string): string =>
  text.replaceAll(/\\(.)/g, (_, escaped: string) => (escaped === "n" ? "\n" : escaped));

function toNumber(text: string): number {
  const [, sign, word] = /^([+-]?)(inf|nan)$/i.exec(text) ?? [];
  if (word === undefined) return Number(text);
  if (word.toLowerCase() === "nan") return Number.NaN;
  return sign === "-" ? -Infinity : Infinity;
}

const keyOf = ({ name, labels }: MetricSample): string =>
  JSON.stringify([name, ...Object.entries(labels).toSorted(([left], [right]) => (left < right ? -1 : 1))]);

const refuse = (problem: string, line: string): ExpositionError =>
  new ExpositionError(`${problem}: ${line.slice(0, SHOWN)}`);
