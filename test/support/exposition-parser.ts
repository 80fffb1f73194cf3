/** What one text of Prometheus's formats says. */
export interface Exposition {
  /** Types by the names of the families. */
  readonly types: ReadonlyMap<string, string>;
  readonly samples: readonly ParsedSample[];
}

export interface ParsedSample {
  readonly family: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const SUFFIXES: Readonly<Record<string, readonly string[]>> = {
  counter: ["_total"],
  gauge: [""],
  histogram: ["_bucket", "_sum", "_count"],
};
const NAME = "[a-zA-Z_:][a-zA-Z0-9_:]*";
const META = new RegExp(`^# (HELP|TYPE) (${NAME}) (.+)$`);
const SAMPLE = new RegExp(`^(${NAME})(?:\\{(.*)\\})? (\\S+)$`);
const LABEL = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(,|$)/;

/**
 * Reads a text strictly, by prometheus.io/docs/instrumenting/exposition_formats and the OpenMetrics 1.0 specification: every family is
 * announced once and whole, names have their type's suffix, no series comes twice, histograms are cumulative and end with +Inf.
 * @throws Error at the first line that is against the rules
 */
export function parseExposition(text: string, format: "prometheus" | "openmetrics"): Exposition {
  const lines = text.split("\n");
  if (lines.pop() !== "") throw new Error("the text does not end with a line feed");
  if (format === "openmetrics" && lines.pop() !== "# EOF") throw new Error("the text does not end with # EOF");
  const types = new Map<string, string>();
  const helps = new Set<string>();
  const samples: ParsedSample[] = [];
  const seen = new Set<string>();
  let current = "";
  for (const line of lines) {
    const [, keyword, announced = "", rest = ""] = META.exec(line) ?? [];
    const family = format === "prometheus" ? announced.replace(/_total$/, "") : announced;
    if (keyword === "HELP") {
      if (helps.has(family)) throw new Error(`a second HELP: ${line}`);
      if (/\\[^\\n"]|\\$/.test(rest.replaceAll("\\\\", ""))) throw new Error(`a bad escape: ${line}`);
      helps.add(family);
    } else if (keyword === "TYPE") {
      if (types.has(family)) throw new Error(`a second TYPE: ${line}`);
      if (SUFFIXES[rest] === undefined) throw new Error(`an unknown type: ${line}`);
      const isTotal = announced.endsWith("_total");
      if (isTotal !== (rest === "counter" && format === "prometheus")) throw new Error(`a wrong name: ${line}`);
      types.set(family, rest);
      current = family;
    } else {
      const sample = parseSample(line, current);
      const suffix = sample.name.slice(current.length);
      if (!sample.name.startsWith(current) || !SUFFIXES[types.get(current) ?? ""]?.includes(suffix)) {
        throw new Error(`outside of its family ${current}: ${line}`);
      }
      const series = seriesKey(sample);
      if (seen.has(series)) throw new Error(`the same series twice: ${line}`);
      seen.add(series);
      samples.push(sample);
    }
  }
  for (const [family, type] of types) {
    if (!helps.has(family)) throw new Error(`no HELP for ${family}`);
    if (type === "histogram") checkHistograms(samples.filter((sample) => sample.family === family));
  }
  return { types, samples };
}

function parseSample(line: string, family: string): ParsedSample {
  const [, name, labelText = "", valueText = ""] = SAMPLE.exec(line) ?? [];
  if (name === undefined) throw new Error(`no sample: ${line}`);
  const labels: Record<string, string> = {};
  let rest = labelText;
  while (rest !== "") {
    const [all, label = "", value = ""] = LABEL.exec(rest) ?? [];
    if (all === undefined) throw new Error(`bad labels: ${line}`);
    if (label in labels) throw new Error(`the same label twice: ${line}`);
    labels[label] = value.replaceAll(/\\(.)/g, (_, escaped: string) => (escaped === "n" ? "\n" : escaped));
    rest = rest.slice(all.length);
  }
  if (!/^(?:\d+(?:\.\d+)?(?:e[+-]?\d+)?)$/.test(valueText)) throw new Error(`no number: ${line}`);
  return { family, name, labels, value: Number(valueText) };
}

const seriesKey = ({ name, labels }: ParsedSample): string => JSON.stringify([name, Object.entries(labels).toSorted()]);

function checkHistograms(samples: readonly ParsedSample[]): void {
  const groups = Map.groupBy(samples, ({ labels: { le: _le, ...labels } }) => seriesKey({ ...NO_SAMPLE, labels }));
  for (const [series, group] of groups) {
    const buckets = group.filter(({ name }) => name.endsWith("_bucket"));
    const bounds = buckets.map(({ labels }) => (labels["le"] === "+Inf" ? Infinity : Number(labels["le"])));
    const isRising = (numbers: readonly number[], min: number) =>
      numbers.every((number, index) => index === 0 || number - (numbers[index - 1] ?? 0) >= min);
    if (bounds.at(-1) !== Infinity || bounds.some(Number.isNaN)) throw new Error(`no +Inf: ${series}`);
    if (!isRising(bounds, Number.MIN_VALUE)) throw new Error(`bounds out of order: ${series}`);
    if (
      !isRising(
        buckets.map(({ value }) => value),
        0,
      )
    )
      throw new Error(`not cumulative: ${series}`);
    const counts = group.filter(({ name }) => name.endsWith("_count")).map(({ value }) => value);
    if (counts.length !== 1 || counts[0] !== buckets.at(-1)?.value) throw new Error(`count is not +Inf's: ${series}`);
    if (group.filter(({ name }) => name.endsWith("_sum")).length !== 1) throw new Error(`no sum: ${series}`);
  }
}

const NO_SAMPLE = { family: "", name: "", value: 0 };
