import type { z } from "@hono/zod-openapi";

/** Gives what the schema would give for an input that is right in the usual way; null leaves it to the schema. */
export type QuickCheck<Output> = (input: unknown) => Output | null;

const QUICK_CHECKS = new WeakMap<z.ZodType, QuickCheck<unknown>>();

/**
 * Gives a schema of a small, fixed shape a check that costs a fraction of walking it. The schema stays the truth: it decides
 * and explains whatever the check does not take, and a test holds both together.
 */
export function withQuickCheck<Schema extends z.ZodType>(schema: Schema, check: QuickCheck<z.output<Schema>>): Schema {
  QUICK_CHECKS.set(schema, check);
  return schema;
}

export function quickCheckOf(schema: z.ZodType): QuickCheck<unknown> {
  return QUICK_CHECKS.get(schema) ?? (() => null);
}

/** The members of an object that has the given ones only, each a text; null for anything else. */
export function textsOf(input: unknown, names: ReadonlySet<string>): Readonly<Record<string, string>> | null {
  if (typeof input !== "object" || input === null || Array.isArray(input)) return null;
  const texts: Record<string, string> = {};
  for (const [name, value] of Object.entries(input)) {
    if (!names.has(name) || typeof value !== "string") return null;
    texts[name] = value;
  }
  return texts;
}
