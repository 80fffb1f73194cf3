import { z } from "@hono/zod-openapi";

import { PROBLEM_TYPES, type ProblemCode } from "./problem-registry.ts";

/** Version of the contract (semantic versioning); `/api/v1` is its major part. */
export const API_VERSION = "1.0.0";

const inputErrorSchema = z
  .strictObject({
    pointer: z.string().optional().openapi({ description: "JSON Pointer (RFC 6901) to the rejected field of the body." }),
    parameter: z.string().optional().openapi({ description: "Name of the rejected path or query parameter." }),
    code: z
      .enum(["required", "invalid_type", "too_short", "too_long", "invalid_format", "out_of_range", "unknown", "repeated"])
      .openapi({ description: "Which rule the input breaks." }),
    detail: z.string().openapi({ description: "What to change." }),
  })
  .openapi("InputError");

const problemSchema = z
  .strictObject({
    type: z.string().openapi({ format: "uri-reference", description: "Path of the page that explains this kind of problem." }),
    title: z.string().openapi({ description: "The kind of problem in short." }),
    status: z.int().min(400).max(599).openapi({ description: "The HTTP status code." }),
    detail: z.string().openapi({ description: "What happened this time." }),
    instance: z.string().openapi({ description: "Path of the request." }),
    request_id: z.string().openapi({ description: "Names this request in the service's log; the same as `X-Request-ID`." }),
    errors: z.array(inputErrorSchema).max(200).optional().openapi({ description: "Every rejected input." }),
  })
  .openapi("Problem", { description: "An error, as RFC 9457 problem details." });

type HeaderDescription = {
  readonly description: string;
  readonly schema: { readonly type: "string" | "integer"; readonly example: string | number };
};

const header = (description: string, example: string): HeaderDescription => ({
  description,
  schema: { type: "string", example },
});

/** Headers that every response carries. */
const COMMON_HEADERS = {
  "X-Request-ID": header("Id of this request, for reports and logs.", "0192f0c1-7d4e-4f6a-9c1e-3b8a5d2e7f60"),
  "X-Version-Id": header("Version of the service that answered.", "local"),
};

export const RESPONSE_HEADERS = {
  etag: { ETag: header("Strong validator of this state of the user.", '"01932f2e-9d5a-7c31-b3f4-2f6f3c9d8a10.1"') },
  location: { Location: header("Path of the new user.", "/api/v1/users/id/01932f2e-9d5a-7c31-b3f4-2f6f3c9d8a10") },
  link: { Link: header('The next page, as rel="next"; absent on the last page.', '</api/v1/users?limit=20&cursor=x>; rel="next"') },
};

const PROBLEM_HEADERS: Partial<Record<ProblemCode, Record<string, HeaderDescription>>> = {
  "missing-credentials": { "WWW-Authenticate": header("How to authenticate.", 'ApiKey realm="users", header="X-API-Key"') },
  "unsupported-media-type": { "Accept-Patch": header("On PATCH: the accepted formats.", "application/merge-patch+json, application/json") },
};

const RETRY_AFTER = {
  "Retry-After": { description: "Seconds to wait before trying again.", schema: { type: "integer", example: 5 } },
} as const;

/** A successful response with a JSON body. */
export function jsonResponse<Schema extends z.ZodType>(schema: Schema, description: string, headers: Record<string, HeaderDescription> = {}) {
  return {
    description,
    headers: { ...COMMON_HEADERS, ...headers },
    content: { "application/json": { schema } },
  };
}

/** A successful response without a body. */
export function emptyResponse(description: string) {
  return { description, headers: COMMON_HEADERS };
}

/** The error responses of an operation: one per status, with an example per problem type. */
export function problemResponses(codes: readonly ProblemCode[]) {
  const byStatus = Map.groupBy(codes, (code) => PROBLEM_TYPES[code].status);
  return Object.fromEntries([...byStatus].map(([status, group]) => [status, problemResponseOf(group)]));
}

function problemResponseOf(codes: readonly ProblemCode[]) {
  const headers = Object.assign({}, COMMON_HEADERS, ...codes.map((code) => PROBLEM_HEADERS[code]));
  const canRetry = codes.some((code) => PROBLEM_TYPES[code].retryAfterSeconds !== undefined);
  return {
    description: codes.map((code) => PROBLEM_TYPES[code].title).join("; "),
    headers: canRetry ? { ...headers, ...RETRY_AFTER } : headers,
    content: {
      "application/problem+json": {
        schema: problemSchema,
        examples: Object.fromEntries(codes.map((code) => [code, { summary: PROBLEM_TYPES[code].title, value: exampleOf(code) }])),
      },
    },
  };
}

function exampleOf(code: ProblemCode) {
  const { title, status, detail } = PROBLEM_TYPES[code];
  const base = { type: `/problems/${code}`, title, status, detail, instance: "/api/v1/users", request_id: "req-1" };
  if (code !== "validation-failed") return base;
  return { ...base, errors: [{ pointer: "/username", code: "too_short", detail: "Give at least 3 characters." }] };
}
