import type { z } from "zod";

import { badRequest } from "./api-error.ts";

/**
 * Checks a value from outside against its schema.
 * @throws ApiError 400 that names the member, never its value
 */
export function checkBody<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const member = issue?.path.join(".") || "The body";
  throw badRequest(`${member} is not as expected: ${issue?.message ?? "it is invalid"}`);
}

/** @throws ApiError 400 when the body is no JSON, or not of this shape */
export function readJson<S extends z.ZodType>(schema: S, body: Buffer): z.output<S> {
  return checkBody(schema, parseJson(body));
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    throw badRequest("The body is no JSON.");
  }
}
