import { z, type RouteConfig } from "@hono/zod-openapi";
import type { core } from "zod";

import type { IssueCode } from "../models/errors.ts";
import type { AppContext, Guard } from "./context.ts";
import { getFastPath } from "./fast-path.ts";
import { InvalidRequestError, MalformedBodyError, type InputError } from "./problem.ts";
import { findRepeatedMembers, mayRepeatMembers, type JsonPath } from "./repeated-members.ts";

type RequestOf<R extends RouteConfig> = NonNullable<R["request"]>;
type OutputOf<Schema> = Schema extends z.ZodType ? z.output<Schema> : undefined;
type BodySchemaOf<Body> = Body extends { readonly content: infer Content }
  ? Content[keyof Content] extends { readonly schema: infer Schema }
    ? Schema
    : undefined
  : undefined;

/** The inputs of a request, valid by the contract; undefined where the contract has none. */
export interface Input<R extends RouteConfig> {
  readonly params: OutputOf<RequestOf<R>["params"]>;
  readonly query: OutputOf<RequestOf<R>["query"]>;
  readonly body: OutputOf<BodySchemaOf<RequestOf<R>["body"]>>;
}

/** For operations without query parameters: an unknown one is an error, not a silent no-op. */
export const noQuery = z.strictObject({});

/** The same for pages, whose inputs are not read by their contract. */
export const refuseQuery: Guard = (c) => {
  if (hasQuery(c)) parse(noQuery, "query", readQuery(c));
  return null;
};

/**
 * Makes a function that reads the inputs of a request and checks them against the contract, in this order: query, path,
 * body. Headers are described by the contract but read by those who know what they mean.
 */
export function createInputReader<R extends RouteConfig>(request: RouteConfig["request"]): (c: AppContext) => Input<R> {
  const query = request?.query === undefined ? null : createQueryReader(asSchema(request.query));
  const params = request?.params === undefined ? null : asSchema(request.params);
  const body = request?.body === undefined ? null : bodySchemaOf(Object.values(request.body.content));
  return (c) => {
    const input = {
      query: query?.(c),
      params: params === null ? undefined : parse(params, "param", c.req.param()),
      body: body === null ? undefined : readBody(body, c.env.body ?? ""),
    };
    return input as Input<R>;
  };
}

type Target = "query" | "param" | "json";

/** Most requests have no query, and what that means is found out once. */
function createQueryReader(schema: z.ZodType): (c: AppContext) => unknown {
  const absent = schema.safeParse({});
  return (c) => (absent.success && !hasQuery(c) ? absent.data : parse(schema, "query", readQuery(c)));
}

function hasQuery(c: AppContext): boolean {
  return c.env.url.includes("?");
}

/** A parameter that is given twice becomes a list, which no schema takes. */
function readQuery(c: AppContext): Record<string, string | string[]> {
  const entries = Object.entries(c.req.queries());
  return Object.fromEntries(entries.map(([name, values]) => [name, values.length === 1 ? (values[0] ?? "") : values]));
}

function readBody(schema: z.ZodType, text: string): unknown {
  const data = parseJson(text);
  const repeated = mayRepeatMembers(text, data) ? findRepeatedMembers(text, MAX_REPORTED_KEYS) : [];
  if (repeated.length === 0) return parse(schema, "json", data);
  const { error } = schema.safeParse(data);
  const others = error?.issues.flatMap((issue) => toInputErrors("json", data, issue)) ?? [];
  throw new InvalidRequestError([...toRepeatedErrors(repeated, others), ...others]);
}

/** A field that has to go anyway is not told twice. */
function toRepeatedErrors(paths: readonly JsonPath[], others: readonly InputError[]): InputError[] {
  const unknown = others.flatMap((error) => (error.code === "unknown" && "pointer" in error ? [error.pointer] : []));
  return [...new Set(paths.map(toShortPointer))]
    .filter((pointer) => !unknown.includes(pointer))
    .map((pointer) => ({ pointer, code: "repeated", detail: "Give this field once." }));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new MalformedBodyError();
  }
}

/** The media types of a body are spellings of one schema. */
function bodySchemaOf([first]: readonly unknown[]): z.ZodType {
  return asSchema(typeof first === "object" && first !== null && "schema" in first ? first.schema : undefined);
}

function asSchema(schema: unknown): z.ZodType {
  if (schema instanceof z.ZodType) return schema;
  throw new TypeError("A contract describes its inputs by zod schemas.");
}

/** Turns zod's findings into the `errors` of a problem. */
function parse(schema: z.ZodType, target: Target, data: unknown): unknown {
  const fast = getFastPath(schema)(data);
  if (fast !== null) return fast;
  const outcome = schema.safeParse(data);
  if (outcome.success) return outcome.data;
  throw new InvalidRequestError(outcome.error.issues.flatMap((issue) => toInputErrors(target, data, issue)));
}

function toInputErrors(target: Target, data: unknown, issue: core.$ZodIssue): InputError[] {
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
const MAX_POINTER_LENGTH = 500;

function shorten(key: string): string {
  return key.length > MAX_REPORTED_KEY_LENGTH
    ? `${key.slice(0, MAX_REPORTED_KEY_LENGTH)}…`.toWellFormed()
    : key.toWellFormed();
}

function describe(target: Target, issue: core.$ZodIssue, value: unknown): { code: IssueCode; detail: string } {
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

/** Of a path that is too long to tell, as much as a problem has room for: it then points to what is around. */
function toShortPointer(path: JsonPath): string {
  const told = path.slice(0, MAX_POINTER_LENGTH).map((key) => shorten(String(key)));
  while (toPointer(told).length > MAX_POINTER_LENGTH) told.pop();
  return toPointer(told);
}

/** JSON Pointer, RFC 6901 section 3. */
function toPointer(path: readonly PropertyKey[]): string {
  return path.map((key) => `/${String(key).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}
