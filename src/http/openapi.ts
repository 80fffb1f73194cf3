import { z } from "@hono/zod-openapi";

import type { HeaderName } from "./api-components.ts";
import type { ExampleName } from "./api-examples.ts";
import { documented } from "./documented.ts";
import { PROBLEM_TYPES, type ProblemCode } from "./problem-registry.ts";

export interface ResponseParts {
  /** Beyond the headers that every response carries. */
  readonly headers?: readonly HeaderName[];
  readonly examples?: readonly ExampleName[];
}

const MAX_TEXT_LENGTH = 500;
/** Longer addresses do not pass Cloudflare. */
const MAX_PATH_LENGTH = 16_384;

const inputErrorSchema = documented(() =>
  z
    .strictObject({
      pointer: z.string().optional().openapi({
        description: "JSON Pointer (RFC 6901) to the rejected field of the body.",
        format: "json-pointer",
        maxLength: MAX_TEXT_LENGTH,
      }),
      parameter: z
        .string()
        .optional()
        .openapi({ description: "Name of the rejected path, query or header parameter.", maxLength: MAX_TEXT_LENGTH }),
      code: z
        .enum([
          "required",
          "invalid_type",
          "too_short",
          "too_long",
          "invalid_format",
          "out_of_range",
          "unknown",
          "repeated",
        ])
        .openapi({ description: "Which rule the input breaks." }),
      detail: z.string().openapi({ description: "What to change.", maxLength: MAX_TEXT_LENGTH }),
    })
    .openapi("InputError", { description: "One rejected input." }),
);

const problemSchema = documented(() =>
  z
    .strictObject({
      type: z.string().openapi({
        description: "Path of the page that explains this kind of problem.",
        format: "uri-reference",
        maxLength: 100,
        pattern: "^/problems/[a-z-]+$",
      }),
      title: z.string().openapi({ description: "The kind of problem in short.", maxLength: 100 }),
      status: z.int().min(400).max(599).openapi({ description: "The HTTP status code.", format: "int32" }),
      detail: z.string().openapi({ description: "What happened this time.", maxLength: MAX_TEXT_LENGTH }),
      instance: z.string().openapi({ description: "Path of the request.", maxLength: MAX_PATH_LENGTH, pattern: "^/" }),
      request_id: z.string().openapi({
        description: "Names this request in the service's log; the same as `X-Request-ID`.",
        maxLength: 128,
        pattern: "^[A-Za-z0-9._-]+$",
      }),
      trace_id: z.string().openapi({
        description: "The request's trace (W3C Trace Context); the same as in `traceparent`.",
        maxLength: 32,
        pattern: "^[0-9a-f]{32}$",
      }),
      errors: z.array(inputErrorSchema).max(200).optional().openapi({ description: "Every rejected input." }),
      "violated-policies": z
        .array(z.string().openapi({ maxLength: 50, pattern: "^[a-z-]+$" }))
        .max(10)
        .optional()
        .openapi({ description: "Names of the quotas that are used up." }),
    })
    .openapi("Problem", { description: "An error, as RFC 9457 problem details." }),
);

const COMMON_HEADERS: readonly HeaderName[] = [
  "X-Request-ID",
  "X-Version-Id",
  "traceparent",
  "tracestate",
  "Server-Timing",
  "Cache-Control",
  "Access-Control-Allow-Origin",
  "Timing-Allow-Origin",
];

const PROBLEM_HEADERS: Partial<Record<ProblemCode, readonly HeaderName[]>> = {
  "missing-credentials": ["WWW-Authenticate"],
  "invalid-token": ["WWW-Authenticate"],
  "insufficient-scope": ["Bearer-Challenge"],
  "unsupported-media-type": ["Accept-Patch"],
  "quota-exceeded": ["RateLimit"],
};

/** Headers of which one name on the wire has two descriptions: always there, or only sometimes. */
const WIRE_NAMES: Readonly<Record<string, string>> = {
  "Bearer-Challenge": "WWW-Authenticate",
  "Webhook-Location": "Location",
};

/** A response with a JSON body. */
export function jsonResponse<Schema extends z.ZodType>(schema: Schema, description: string, parts: ResponseParts = {}) {
  return {
    description,
    headers: refer("headers", [...COMMON_HEADERS, ...(parts.headers ?? [])]),
    content: { "application/json": { schema, ...exampleRefs(parts.examples) } },
  };
}

/** A response with text, such as a page, of one of the given media types. */
export function textResponse(mediaTypes: readonly string[], description: string, headers: readonly HeaderName[] = []) {
  return {
    description,
    headers: refer("headers", [...COMMON_HEADERS, ...headers]),
    content: Object.fromEntries(mediaTypes.map((mediaType) => [mediaType, { schema: z.string() }])),
  };
}

/** A response without a body. */
export function emptyResponse(description: string, headers: readonly HeaderName[] = []) {
  return { description, headers: refer("headers", [...COMMON_HEADERS, ...headers]) };
}

/** The error responses of an operation: one per status, with an example per problem type. */
export function problemResponses(codes: readonly ProblemCode[]) {
  const byStatus = Map.groupBy(codes, (code) => PROBLEM_TYPES[code].status);
  return Object.fromEntries([...byStatus].map(([status, group]) => [status, problemResponseOf(group)]));
}

/** References to shared examples, to be spread into the description of a body. */
export function exampleRefs(names: readonly (ExampleName | ProblemCode)[] = []) {
  return names.length === 0 ? {} : { examples: refer("examples", names) };
}

function problemResponseOf(codes: readonly ProblemCode[]) {
  const own = codes.flatMap((code) => PROBLEM_HEADERS[code] ?? []);
  const retry: HeaderName[] = codes.some((code) => PROBLEM_TYPES[code].retryAfterSeconds !== undefined)
    ? ["Retry-After"]
    : [];
  return {
    description: codes.map((code) => PROBLEM_TYPES[code].title).join("; "),
    headers: refer("headers", [...COMMON_HEADERS, ...own, ...retry]),
    content: { "application/problem+json": { schema: problemSchema, ...exampleRefs(codes) } },
  };
}

function refer(section: "headers" | "examples", names: readonly string[]) {
  return Object.fromEntries(
    names.map((name) => [WIRE_NAMES[name] ?? name, { $ref: `#/components/${section}/${name}` }]),
  );
}
