import { type OpenapiDocument, resolve } from "../document.ts";
import type { Direction, Finding } from "./finding.ts";
import { compareKeywords, type Keywords } from "./keywords.ts";

export interface Comparison {
  readonly before: OpenapiDocument;
  readonly after: OpenapiDocument;
  readonly direction: Direction;
  /** Pairs of references that are being compared further up, so that recursive schemas come to an end. */
  readonly open?: ReadonlySet<string>;
}

/** Breaking changes between two schemas of a value that travels in a known direction. */
export function compareSchemas(comparison: Comparison, before: unknown, after: unknown, place: string): Finding[] {
  if (before === after) return [];
  const pair = `${referenceOf(before)} ${referenceOf(after)}`;
  const { open = new Set<string>() } = comparison;
  if (pair !== " " && open.has(pair)) return [];
  const inside = { ...comparison, open: new Set(open).add(pair) };
  const [had, has] = [read(comparison.before, before), read(comparison.after, after)];
  if (isComposed(had) || isComposed(has)) return compareAlternatives(inside, had, has, place);
  return [
    ...compareKeywords(had, has, comparison.direction, place),
    ...compareProperties(inside, had, has, place),
    ...compareParts(inside, had, has, place),
    ...compareConditions(inside, had, has, place),
  ];
}

function referenceOf(schema: unknown): string {
  const { $ref } = asKeywords(schema);
  return typeof $ref === "string" ? $ref : "";
}

function read(document: OpenapiDocument, schema: unknown): Keywords {
  return { ...resolve(document, asKeywords(schema)) };
}

/** `true` and a missing schema admit everything, like `{}`; `false` admits nothing. */
function asKeywords(schema: unknown): Keywords {
  if (schema === false) return { type: [] };
  return typeof schema === "object" && schema !== null ? Object.fromEntries(Object.entries(schema)) : {};
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

function compareProperties(comparison: Comparison, had: Keywords, has: Keywords, place: string): Finding[] {
  const [before, after] = [asKeywords(had["properties"]), asKeywords(has["properties"])];
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return names.flatMap((name) => {
    const at = `${place}/${name}`;
    if (!Object.hasOwn(after, name)) return [{ kind: "property-removed", place: at, message: "the property is gone" }];
    const required = compareRequired(comparison.direction, had, has, name, at);
    if (!Object.hasOwn(before, name)) return comparison.direction === "request" ? required : [];
    return [...required, ...compareSchemas(comparison, before[name], after[name], at)];
  });
}

function compareRequired(direction: Direction, had: Keywords, has: Keywords, name: string, place: string): Finding[] {
  const [was, is] = [listOf(had["required"]).includes(name), listOf(has["required"]).includes(name)];
  if (direction === "request" && !was && is)
    return [{ kind: "property-required", place, message: "the property has to be sent now" }];
  if (direction === "response" && was && !is)
    return [{ kind: "property-optional", place, message: "the property may be absent now" }];
  return [];
}

/** Items of an array, and members of an object that have no property of their own. */
function compareParts(comparison: Comparison, had: Keywords, has: Keywords, place: string): Finding[] {
  const items = compareSchemas(comparison, had["items"], has["items"], `${place}/*`);
  const [before, after] = [had["additionalProperties"], has["additionalProperties"]];
  // A member that the older document forbade is a new one: clients have to expect those, and never send them.
  if (before === false) return items;
  if (after === false) {
    const closed = { kind: "object-closed", place, message: "other members are refused now" };
    return comparison.direction === "request" ? [...items, closed] : items;
  }
  return [...items, ...compareSchemas(comparison, before, after, `${place}/{name}`)];
}

/** Branches of `allOf` are matched by position: each is one more condition. */
function compareConditions(comparison: Comparison, had: Keywords, has: Keywords, place: string): Finding[] {
  const [before, after] = [listOf(had["allOf"]), listOf(has["allOf"])];
  const length = Math.max(before.length, after.length);
  return Array.from({ length }, (_, index) => compareSchemas(comparison, before[index], after[index], place)).flat();
}

const isComposed = (schema: Keywords) => "oneOf" in schema || "anyOf" in schema;

/** Every alternative that a client knows has to stay open for requests; responses may use no other than those. */
function compareAlternatives(comparison: Comparison, had: Keywords, has: Keywords, place: string): Finding[] {
  const [before, after] = [alternativesOf(had), alternativesOf(has)];
  const fits = (one: unknown, other: unknown) => compareSchemas(comparison, one, other, place).length === 0;
  const lost =
    comparison.direction === "request"
      ? before.filter((one) => !after.some((other) => fits(one, other)))
      : after.filter((other) => !before.some((one) => fits(one, other)));
  const what = comparison.direction === "request" ? "is accepted no more" : "can come now";
  return lost.map((alternative) => ({
    kind: "alternatives-changed",
    place,
    message: `${JSON.stringify(alternative)} ${what}`,
  }));
}

function alternativesOf(schema: Keywords): readonly unknown[] {
  const { oneOf, anyOf, ...shared } = schema;
  const branches = [...listOf(oneOf), ...listOf(anyOf)];
  return branches.length === 0 ? [shared] : branches;
}
