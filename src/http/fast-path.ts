import type { z } from "@hono/zod-openapi";

/** Gives what the schema would give for an input that is right in the usual way; null leaves it to the schema. */
export type FastPath<Output> = (input: unknown) => Output | null;

const FAST_PATHS = new WeakMap<z.ZodType, FastPath<unknown>>();

/**
 * Gives a schema of a small, fixed shape a check that costs a fraction of walking it. The schema stays the truth: it decides
 * and explains whatever the check does not take, and a test holds both together.
 */
export function withFastPath<Schema extends z.ZodType>(schema: Schema, check: FastPath<z.output<Schema>>): Schema {
  FAST_PATHS.set(schema, check);
  return schema;
}

export function getFastPath(schema: z.ZodType): FastPath<unknown> {
  return FAST_PATHS.get(schema) ?? (() => null);
}

/** The members of an object that has the given ones only, each a text; null for anything else. */
export function pickStrings(input: unknown, names: ReadonlySet<string>): Readonly<Record<string, string>> | null {
  if (typeof input !== "object" || input === null || Array.isArray(input)) return null;
  const texts: Record<string, string> = {};
  for (const [name, value] of Object.entries(input)) {
    if (!names.has(name) || typeof value !== "string") return null;
    texts[name] = value;
  }
  return texts;
}
