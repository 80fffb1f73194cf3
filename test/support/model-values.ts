import fc from "fast-check";

import { USER_SORTS, type UserSort } from "../../src/models/user-list.ts";

/** One value of a field: what is sent, and what the service has to make of it. Written down, not computed. */
export type FieldValue =
  | { readonly raw: string; readonly stored: string }
  | { readonly raw: unknown; readonly code: string; readonly isShape: boolean };

export interface Fields {
  readonly username?: FieldValue | undefined;
  readonly email?: FieldValue | undefined;
  readonly full_name?: FieldValue | undefined;
}

export const FIELD_NAMES = ["username", "email", "full_name"] as const;

const good = (raw: string, stored = raw): FieldValue => ({ raw, stored });
const bad = (raw: unknown, code: string): FieldValue => ({ raw, code, isShape: false });
const misshapen = (raw: unknown): FieldValue => ({ raw, code: "invalid_type", isShape: true });

/** Few values, so that users collide. */
const USERNAMES = [
  good("abc"),
  good("ABC", "abc"),
  good("abd"),
  good("ab0"),
  good("b".repeat(50)),
  bad("ab", "too_short"),
  bad("b".repeat(51), "too_long"),
  bad("a b", "invalid_format"),
  misshapen(5),
  misshapen(null),
];

const EMAILS = [
  good("a@example.com"),
  good("A@Example.COM", "a@example.com"),
  good("b@example.com"),
  good("o'hara+tag@sub.example.org"),
  good(`${"c".repeat(64)}@example.com`),
  good("b@B\u00fccher.example", "b@xn--bcher-kva.example"),
  good("b@XN--bcher-kva.example", "b@xn--bcher-kva.example"),
  bad("", "too_short"),
  bad(`${"c".repeat(50)}@${"d".repeat(47)}.com`, "too_long"),
  bad(`${"c".repeat(65)}@example.com`, "invalid_format"),
  bad("a@localhost", "invalid_format"),
  bad("\u00fc@example.com", "invalid_format"),
  misshapen(["a@example.com"]),
];

const FULL_NAMES = [
  good("Ada Lovelace"),
  good("  Grace Hopper ", "Grace Hopper"),
  good("A\u030Asa O\u2019Hara-Li", "\u00C5sa O\u2019Hara-Li"),
  good("\u{1E900}".repeat(100)),
  good("X \u00C6 A-12, Jr. \u30FB"),
  bad("   ", "too_short"),
  bad("e".repeat(101), "too_long"),
  bad("\u3164 1.", "invalid_format"),
  misshapen({ first: "Ada" }),
];

/** Mostly good values: the interesting things happen when requests are accepted. */
function valueOf(values: readonly FieldValue[]): fc.Arbitrary<FieldValue> {
  return fc.oneof(
    { weight: 14, arbitrary: fc.constantFrom(...values.filter((value) => "stored" in value)) },
    { weight: 1, arbitrary: fc.constantFrom(...values.filter((value) => !("stored" in value))) },
  );
}

const allFields = { username: valueOf(USERNAMES), email: valueOf(EMAILS), full_name: valueOf(FULL_NAMES) };

/** Which entity tag a condition names, seen from the user that it is about. */
const TAG_CHOICES = ["none", "current", "previous", "both", "weak", "foreign", "any", "malformed"] as const;
export type TagChoice = (typeof TAG_CHOICES)[number];

const KEYS = ["k1", '"k1"', "k2", '"k 3"', '"'] as const;

/** A user by number, the newest first: one of those that were ever made, else one that never was. */
const someone = fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, { weight: 3, arbitrary: fc.nat({ max: 7 }) });
const condition = fc.oneof(
  { weight: 3, arbitrary: fc.constant("none" as const) },
  { weight: 3, arbitrary: fc.constant("current" as const) },
  { weight: 3, arbitrary: fc.constantFrom(...TAG_CHOICES) },
);
const maybe = <Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<Value | null> =>
  fc.oneof({ weight: 4, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: value });

/** One step of a sequence; users, times and cursors are numbers that are looked up when it is sent. */
export type Operation =
  | { readonly kind: "create"; readonly fields: Fields; readonly key: string | null }
  | { readonly kind: "create again"; readonly which: number }
  | { readonly kind: "get"; readonly by: "id" | "username"; readonly who: number; readonly ifNoneMatch: TagChoice }
  | { readonly kind: "patch"; readonly who: number; readonly fields: Fields; readonly ifMatch: TagChoice }
  | { readonly kind: "delete"; readonly who: number; readonly ifMatch: TagChoice }
  | ListOperation
  | {
      readonly kind: "follow";
      readonly cursor: number;
      readonly limit: number;
      readonly spoil: "not" | "sort" | "text";
    };

export interface ListOperation {
  readonly kind: "list";
  readonly sort: UserSort;
  readonly limit: number;
  readonly prefix: string | null;
  readonly email: string | null;
  readonly after: number | null;
  readonly before: number | null;
}

const creation = fc.record({
  kind: fc.constant("create" as const),
  fields: fc.oneof(
    { weight: 12, arbitrary: fc.record(allFields) },
    { weight: 1, arbitrary: fc.record(allFields, { requiredKeys: [] }) },
  ),
  key: fc.option(fc.constantFrom(...KEYS), { freq: 2 }),
});

const list = fc.record({
  kind: fc.constant("list" as const),
  sort: fc.constantFrom(...USER_SORTS),
  limit: fc.constantFrom(1, 2, 3, 100),
  prefix: maybe(fc.constantFrom("a", "AB", "abc", "b", "zz")),
  email: maybe(fc.constantFrom("a@example.com", "B@EXAMPLE.com", "nobody@example.com")),
  after: maybe(someone),
  before: maybe(someone),
});

export const operation: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 8, arbitrary: creation },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("create again" as const), which: fc.nat({ max: 5 }) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("get" as const),
      by: fc.constantFrom("id" as const, "username" as const),
      who: someone,
      ifNoneMatch: condition,
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("patch" as const),
      who: someone,
      fields: fc.record(allFields, { requiredKeys: [] }),
      ifMatch: condition,
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("delete" as const), who: someone, ifMatch: condition }) },
  { weight: 3, arbitrary: list },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("follow" as const),
      cursor: fc.nat({ max: 5 }),
      limit: fc.constantFrom(1, 2, 100),
      spoil: fc.constantFrom("not" as const, "not" as const, "sort" as const, "text" as const),
    }),
  },
);

/** Changes of one and the same user, mostly unconditional, so that requests sent at once get in each other's way. */
const rivalry: fc.Arbitrary<Operation> = fc.oneof(
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("patch" as const),
      who: fc.constant(0),
      fields: fc.record(
        { username: valueOf(USERNAMES), full_name: valueOf(FULL_NAMES) },
        { requiredKeys: ["full_name"] },
      ),
      ifMatch: fc.constantFrom("none" as const, "none" as const, "current" as const),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("delete" as const),
      who: fc.constant(0),
      ifMatch: fc.constantFrom("none" as const, "none" as const, "current" as const),
    }),
  },
);

export const rivalOperation: fc.Arbitrary<Operation> = fc.oneof(operation, rivalry);
