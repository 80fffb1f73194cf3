import { z } from "@hono/zod-openapi";
import type { MiddlewareHandler, ValidationTargets } from "hono";
import type { core } from "zod";

import type { IssueCode } from "../models/errors.ts";
import type { AppEnv } from "./context.ts";
import { InvalidRequestError, type InputError } from "./problem.ts";

type Outcome = { readonly target: keyof ValidationTargets } & (
  | { readonly success: true }
  | { readonly success: false; readonly data?: unknown; readonly error: { readonly issues: readonly core.$ZodIssue[] } }
);

type Rejected = Extract<Outcome, { readonly success: false }>;

/** Hook of every validated route: turns zod's findings into the `errors` of a problem. */
export function rejectInvalid(outcome: Outcome): void {
  if (outcome.success) return;
  throw new InvalidRequestError(outcome.error.issues.flatMap((issue) => toInputErrors(outcome, issue)));
}

/** For operations without query parameters: an unknown one is an error, not a silent no-op. */
export const noQuery = z.strictObject({});

/** The same for pages, whose routes are not validated by their contract. */
export const refuseQuery: MiddlewareHandler<AppEnv> = async (c, next) => {
  const data = c.req.query();
  rejectInvalid({ target: "query", data, ...noQuery.safeParse(data) });
  await next();
};

function toInputErrors({ target, data }: Rejected, issue: core.$ZodIssue): InputError[] {
  const locate = (path: readonly PropertyKey[]) =>
    target === "json" ? { pointer: toPointer(path) } : { parameter: path.map(String).join(".") };
  if (issue.code === "unrecognized_keys") {
    const detail =
      target === "json" ? "This field is not known; remove it." : "This parameter is not known; remove it.";
    return issue.keys.slice(0, MAX_REPORTED_KEYS).map((key) => ({
      ...locate([...issue.path, shorten(key)]),
      code: "unknown",
      detail,
    }));
  }
  const { code, detail } = describe(target, issue, valueAt(data, issue.path));
  return [{ ...locate(issue.path), code, detail }];
}

/** A hostile body can hold thousands of unknown fields, each with a name of kilobytes. */
const MAX_REPORTED_KEYS = 20;
const MAX_REPORTED_KEY_LENGTH = 100;

function shorten(key: string): string {
  return key.length > MAX_REPORTED_KEY_LENGTH
    ? `${key.slice(0, MAX_REPORTED_KEY_LENGTH)}…`.toWellFormed()
    : key.toWellFormed();
}

function describe(
  target: keyof ValidationTargets,
  issue: core.$ZodIssue,
  value: unknown,
): { code: IssueCode; detail: string } {
  if (target === "query" && Array.isArray(value)) return { code: "repeated", detail: "Give this parameter once." };
  const detail = issue.message;
  if (issue.code === "too_small") return { code: issue.origin === "string" ? "too_short" : "out_of_range", detail };
  if (issue.code === "too_big") return { code: issue.origin === "string" ? "too_long" : "out_of_range", detail };
  if (issue.code !== "invalid_type") return { code: "invalid_format", detail };
  if (value === undefined) return { code: "required", detail: "This is required." };
  return { code: "invalid_type", detail: `Expected ${issue.expected}.` };
}

/** Zod leaves the rejected value out of its issues, so it is looked up. */
function valueAt(data: unknown, path: readonly PropertyKey[]): unknown {
  let value = data;
  for (const key of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
    value = Reflect.get(value, key);
  }
  return value;
}

/** JSON Pointer, RFC 6901 section 3. */
function toPointer(path: readonly PropertyKey[]): string {
  return path.map((key) => `/${String(key).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}
