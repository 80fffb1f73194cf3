import { breaks, type Direction, type Finding, type Shift } from "./finding.ts";

/** Keywords of JSON Schema by name. */
export type Keywords = Readonly<Record<string, unknown>>;

const LOWER_BOUNDS = ["minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"];
const UPPER_BOUNDS = ["maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"];
const FORMS = ["pattern", "format", "multipleOf", "uniqueItems", "contentEncoding", "contentMediaType"];

/** Compares what two schemas say about a value itself, not about its parts. */
export function compareKeywords(before: Keywords, after: Keywords, direction: Direction, place: string): Finding[] {
  const comparisons: readonly (readonly [keyword: string, shift: Shift])[] = [
    ["type", compareTypes(before, after)],
    ["enum", compareSets(valuesOf(before), valuesOf(after))],
    ...LOWER_BOUNDS.map((name) => [name, compareBounds(before, after, name, -1)] as const),
    ...UPPER_BOUNDS.map((name) => [name, compareBounds(before, after, name, 1)] as const),
    ...FORMS.map((name) => [name, compareForms(before[name], after[name])] as const),
  ];
  return comparisons
    .filter(([, shift]) => breaks(direction, shift))
    .map(([name]) => ({ kind: `${name}-changed`, place, message: describe(name, before, after) }));
}

function describe(name: string, before: Keywords, after: Keywords): string {
  const text = (keywords: Keywords) => {
    const value = name === "enum" && "const" in keywords ? keywords["const"] : keywords[name];
    return value === undefined ? "anything" : JSON.stringify(value);
  };
  return `${name} was ${text(before)}, is ${text(after)}`;
}

const ANY_TYPE = ["array", "boolean", "null", "number", "object", "string"];

function compareTypes(before: Keywords, after: Keywords): Shift {
  const [had, has] = [typesOf(before), typesOf(after)];
  const isIn = (types: readonly unknown[]) => (type: unknown) =>
    types.includes(type) || (type === "integer" && types.includes("number"));
  return { narrower: !had.every(isIn(has)), wider: !has.every(isIn(had)) };
}

function typesOf({ type }: Keywords): readonly unknown[] {
  if (type === undefined) return ANY_TYPE;
  return Array.isArray(type) ? type : [type];
}

function valuesOf(keywords: Keywords): ReadonlySet<string> | null {
  const values = "const" in keywords ? [keywords["const"]] : keywords["enum"];
  return Array.isArray(values) ? new Set(values.map((value) => JSON.stringify(value))) : null;
}

/** `null` stands for every value. */
function compareSets(before: ReadonlySet<string> | null, after: ReadonlySet<string> | null): Shift {
  if (before === null) return { narrower: after !== null, wider: false };
  if (after === null) return { narrower: false, wider: true };
  return {
    narrower: [...before].some((value) => !after.has(value)),
    wider: [...after].some((value) => !before.has(value)),
  };
}

/** `side` is 1 for an upper bound, -1 for a lower one. */
function compareBounds(before: Keywords, after: Keywords, name: string, side: 1 | -1): Shift {
  const bound = (value: unknown) => side * (typeof value === "number" ? value : side * Infinity);
  const [had, has] = [bound(before[name]), bound(after[name])];
  return { narrower: has < had, wider: has > had };
}

/** Nobody can tell which of two patterns admits more: a changed one does both, narrow and widen. */
function compareForms(before: unknown, after: unknown): Shift {
  const isChanged = JSON.stringify(before) !== JSON.stringify(after);
  return { narrower: isChanged && after !== undefined, wider: isChanged && before !== undefined };
}
