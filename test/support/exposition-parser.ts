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
  /** Absent where there is none. */
  readonly exemplar?: ParsedExemplar;
}

export interface ParsedExemplar {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  /** Seconds since 1970. */
  readonly at: number;
}

const SUFFIXES: Readonly<Record<string, readonly string[]>> = {
  counter: ["_total"],
  gauge: [""],
  histogram: ["_bucket", "_sum", "_count"],
};
const NAME = "[a-zA-Z_:][a-zA-Z0-9_:]*";
const META = new RegExp(`^# (HELP|TYPE) (${NAME}) (.+)$`);
const SAMPLE = new RegExp(`^(${NAME})(?:\\{(.*?)\\})? (\\S+)(?: # \\{(.*)\\} (\\S+) (\\S+))?$`);
const NUMBER = /^\d+(?:\.\d+)?(?:e[+-]?\d+)?$/;
/** Of all labels and their values together, in characters. */
const MAX_EXEMPLAR_LENGTH = 128;
const LABEL = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(,|$)/;

/**
 * Reads a text strictly, by prometheus.io/docs/instrumenting/exposition_formats and the OpenMetrics 1.0 specification: every family is
 * announced once and whole, names have their type's suffix, no series comes twice, histograms are cumulative and end with +Inf.
 * @throws Error at the first line that is against the rules
 */
export function parseExposition(text: string, format: ExpositionFormat): Exposition {
  const lines = text.split("\n");
  if (lines.pop() !== "") throw new Error("the text does not end with a line feed");
  if (format === "openmetrics" && lines.pop() !== "# EOF") throw new Error("the text does not end with # EOF");
  const reader = new Reader(format);
  for (const line of lines) reader.read(line);
  return reader.finish();
}

type ExpositionFormat = "prometheus" | "openmetrics";

class Reader {
  readonly #format: ExpositionFormat;
  readonly #types = new Map<string, string>();
  readonly #helps = new Set<string>();
  readonly #series = new Map<string, ParsedSample>();
  #family = "";

  constructor(format: ExpositionFormat) {
    this.#format = format;
  }

  read(line: string): void {
    const [, keyword, announced = "", rest = ""] = META.exec(line) ?? [];
    const family = this.#format === "prometheus" ? announced.replace(/_total$/, "") : announced;
    if (keyword === "HELP") this.#help(family, rest, line);
    else if (keyword === "TYPE") this.#type(family, rest, line, announced.endsWith("_total"));
    else this.#sample(line);
  }

  finish(): Exposition {
    const samples = [...this.#series.values()];
    for (const [family, type] of this.#types) {
      if (!this.#helps.has(family)) throw new Error(`no HELP for ${family}`);
      if (type === "histogram") checkHistograms(samples.filter((sample) => sample.family === family));
    }
    return { types: this.#types, samples };
  }

  #help(family: string, text: string, line: string): void {
    if (this.#helps.has(family)) throw new Error(`a second HELP: ${line}`);
    if (/\\[^n"]|\\$/.test(text.replaceAll("\\\\", ""))) throw new Error(`a bad escape: ${line}`);
    this.#helps.add(family);
  }

  #type(family: string, type: string, line: string, isTotal: boolean): void {
    if (this.#types.has(family)) throw new Error(`a second TYPE: ${line}`);
    if (SUFFIXES[type] === undefined) throw new Error(`an unknown type: ${line}`);
    if (isTotal !== (type === "counter" && this.#format === "prometheus")) throw new Error(`a wrong name: ${line}`);
    this.#types.set(family, type);
    this.#family = family;
  }

  #sample(line: string): void {
    const sample = parseSample(line, this.#family);
    const suffixes = SUFFIXES[this.#types.get(this.#family) ?? ""] ?? [];
    if (!suffixes.some((suffix) => sample.name === this.#family + suffix)) {
      throw new Error(`outside of its family ${this.#family}: ${line}`);
    }
    if (sample.exemplar !== undefined && (this.#format === "prometheus" || !sample.name.endsWith("_bucket"))) {
      throw new Error(`an exemplar where none may be: ${line}`);
    }
    const series = seriesKey(sample);
    if (this.#series.has(series)) throw new Error(`the same series twice: ${line}`);
    this.#series.set(series, sample);
  }
}

function parseSample(line: string, family: string): ParsedSample {
  const [, name, labels = "", value = "", ...exemplar] = SAMPLE.exec(line) ?? [];
  if (name === undefined || !NUMBER.test(value)) throw new Error(`no sample: ${line}`);
  return { family, name, labels: parseLabels(labels), value: Number(value), ...parseExemplar(exemplar, line) };
}

function parseExemplar(
  [labels, value = "", at = ""]: readonly (string | undefined)[],
  line: string,
): Pick<ParsedSample, "exemplar"> {
  if (labels === undefined) return {};
  if (!NUMBER.test(value) || !NUMBER.test(at)) throw new Error(`no exemplar: ${line}`);
  const parsed = parseLabels(labels);
  const length = Object.entries(parsed).flat().join("").length;
  if (length > MAX_EXEMPLAR_LENGTH) throw new Error(`an exemplar too long: ${line}`);
  return { exemplar: { labels: parsed, value: Number(value), at: Number(at) } };
}

function parseLabels(text: string): Record<string, string> {
  const labels: Record<string, string> = {};
  for (let rest = text; rest !== "";) {
    const [all, label = "", value = ""] = LABEL.exec(rest) ?? [];
    if (all === undefined) throw new Error(`bad labels: ${text}`);
    if (label in labels) throw new Error(`the same label twice: ${text}`);
    labels[label] = value.replaceAll(/\\(.)/g, (_, escaped: string) => (escaped === "n" ? "\n" : escaped));
    rest = rest.slice(all.length);
  }
  return labels;
}

const seriesKey = ({ name, labels }: ParsedSample): string =>
  JSON.stringify([
    name,
    ...Object.entries(labels)
      .map(([label, value]) => JSON.stringify([label, value]))
      .toSorted(),
  ]);

function checkHistograms(samples: readonly ParsedSample[]): void {
  const groups = Map.groupBy(samples, ({ labels: { le: _le, ...labels } }) => seriesKey({ ...NO_SAMPLE, labels }));
  for (const [series, group] of groups) {
    const ofName = (suffix: string) => group.filter(({ name }) => name.endsWith(suffix));
    checkBuckets(ofName("_bucket"), series);
    const counts = ofName("_count").map(({ value }) => value);
    const isWhole = counts.length === 1 && ofName("_sum").length === 1;
    if (!isWhole || counts[0] !== ofName("_bucket").at(-1)?.value) throw new Error(`no count or sum: ${series}`);
  }
}

function checkBuckets(buckets: readonly ParsedSample[], series: string): void {
  const bounds = buckets.map(({ labels }) => (labels["le"] === "+Inf" ? Infinity : Number(labels["le"])));
  if (bounds.at(-1) !== Infinity || bounds.some(Number.isNaN)) throw new Error(`no +Inf: ${series}`);
  if (!isRising(bounds) || new Set(bounds).size < bounds.length) throw new Error(`bounds out of order: ${series}`);
  if (!isRising(buckets.map(({ value }) => value))) throw new Error(`not cumulative: ${series}`);
  const isStray = ({ exemplar }: ParsedSample, index: number): boolean =>
    exemplar !== undefined && !(exemplar.value <= (bounds[index] ?? 0) && exemplar.value > (bounds[index - 1] ?? -1));
  if (buckets.some(isStray)) throw new Error(`an exemplar outside of its bucket: ${series}`);
}

const isRising = (numbers: readonly number[]): boolean =>
  numbers.every((number, index) => number >= (numbers[index - 1] ?? 0));

const NO_SAMPLE = { family: "", name: "", value: 0 };
