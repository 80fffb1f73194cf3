/** Tells whether a cron trigger is due in the minute of a time, in UTC. */
export type CronMatcher = (time: Date) => boolean;

interface Field {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  /** Words for the numbers from `min` on. */
  readonly words: readonly string[];
  read(time: Date): number;
}

const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const WEEKDAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

const MINUTE: Field = { name: "minute", min: 0, max: 59, words: [], read: (time) => time.getUTCMinutes() };
const HOUR: Field = { name: "hour", min: 0, max: 23, words: [], read: (time) => time.getUTCHours() };
const DAY: Field = { name: "day of the month", min: 1, max: 31, words: [], read: (time) => time.getUTCDate() };
const MONTH: Field = { name: "month", min: 1, max: 12, words: MONTHS, read: (time) => time.getUTCMonth() + 1 };
/** Cloudflare counts from 1 for Sunday, unlike Unix. */
const WEEKDAY: Field = { name: "weekday", min: 1, max: 7, words: WEEKDAYS, read: (time) => time.getUTCDay() + 1 };
const FIELDS = [MINUTE, HOUR, DAY, MONTH, WEEKDAY];

/**
 * Reads an expression of five fields: `*`, numbers or words, lists, ranges, steps. Cloudflare's `L`, `W` and `#` are not
 * emulated. When both the day and the weekday are restricted, one of them is enough, as in every cron.
 * @throws Error that names the field
 */
export function parseCron(expression: string): CronMatcher {
  const texts = expression.trim().split(/\s+/);
  if (texts.length !== FIELDS.length) throw new Error(`"${expression}" has ${texts.length} fields instead of 5`);
  const sets = new Map(FIELDS.map((field, index) => [field, parseField(field, texts[index] ?? "")]));
  const isDue = (field: Field, time: Date): boolean => sets.get(field)?.has(field.read(time)) ?? false;
  const isEitherDay = !texts[2]?.startsWith("*") && !texts[4]?.startsWith("*");
  return (time) => {
    const days = [isDue(DAY, time), isDue(WEEKDAY, time)];
    const isDay = isEitherDay ? days.includes(true) : !days.includes(false);
    return isDay && isDue(MINUTE, time) && isDue(HOUR, time) && isDue(MONTH, time);
  };
}

function parseField(field: Field, text: string): ReadonlySet<number> {
  return new Set(text.split(",").flatMap((part) => parsePart(field, part)));
}

function parsePart(field: Field, part: string): readonly number[] {
  const [range = "", stepText, ...rest] = part.split("/");
  const step = stepText === undefined ? 1 : toNumber(stepText);
  const [from, to] = parseRange(field, range, stepText !== undefined);
  const isSound = rest.length === 0 && step >= 1 && from >= field.min && to <= field.max && from <= to;
  if (!isSound) throw new Error(`"${part}" is no ${field.name} (${field.min} to ${field.max})`);
  return Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, index) => from + index * step);
}

/** `5/10` means from 5 on. */
function parseRange(field: Field, text: string, hasStep: boolean): readonly [number, number] {
  if (text === "*") return [field.min, field.max];
  const [from = "", to, ...rest] = text.split("-");
  if (rest.length > 0) return [Number.NaN, Number.NaN];
  const first = toValue(field, from);
  if (to !== undefined) return [first, toValue(field, to)];
  return [first, hasStep ? field.max : first];
}

function toValue(field: Field, text: string): number {
  const word = field.words.indexOf(text.toLowerCase());
  return word === -1 ? toNumber(text) : field.min + word;
}

function toNumber(text: string): number {
  return /^\d+$/.test(text) ? Number(text) : Number.NaN;
}
