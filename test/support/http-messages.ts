import { z } from "zod";

import { isProblemCode, type ProblemCode } from "../../src/http/problem-registry.ts";
import { type UserBody, userPageSchema, userSchema } from "../../src/http/users/schemas.ts";
import type { TestApp } from "./test-app.ts";

const inputErrorSchema = z.union([
  z.strictObject({ pointer: z.string(), code: z.string(), detail: z.string().min(1) }),
  z.strictObject({ parameter: z.string(), code: z.string(), detail: z.string().min(1) }),
]);

const problemSchema = z.strictObject({
  type: z.string().startsWith("/problems/"),
  title: z.string().min(1),
  status: z.int(),
  detail: z.string().min(1),
  instance: z.string(),
  request_id: z.string(),
  trace_id: z.string().regex(/^[0-9a-f]{32}$/),
  errors: z.array(inputErrorSchema).optional(),
  "violated-policies": z.array(z.string().min(1)).min(1).optional(),
});

/** A problem's body with its code, the last part of `type`. */
export type Problem = z.infer<typeof problemSchema> & { readonly code: ProblemCode };

/** Reads an error; throws when it is not a complete problem that agrees with its own response. */
export async function readProblem(response: Response): Promise<Problem> {
  const text = await response.text();
  const type = response.headers.get("Content-Type");
  if (type !== "application/problem+json") throw new Error(`${response.status} is of type ${type}: ${text}`);
  const problem = problemSchema.parse(JSON.parse(text));
  const code = problem.type.slice("/problems/".length);
  if (!isProblemCode(code)) throw new Error(`${problem.type} is not in the registry`);
  if (problem.status !== response.status)
    throw new Error(`status ${response.status}, but its body says ${problem.status}`);
  if (problem.request_id !== response.headers.get("X-Request-ID"))
    throw new Error("body and header differ in the request id");
  if (problem.trace_id !== response.headers.get("traceparent")?.split("-")[1])
    throw new Error("body and header differ in the trace id");
  if (response.headers.get("Cache-Control") !== "no-store") throw new Error("a problem may be cached");
  return { ...problem, code };
}

/** Reads a user; throws on any other shape, an extra member included. */
export async function readUser(response: Response): Promise<UserBody> {
  return userSchema.parse(await readJson(response));
}

export async function readPage(response: Response): Promise<z.infer<typeof userPageSchema>> {
  return userPageSchema.parse(await readJson(response));
}

export async function readJson(response: Response): Promise<unknown> {
  const text = await response.text();
  if (response.headers.get("Content-Type") !== "application/json")
    throw new Error(`${response.status} is not JSON: ${text}`);
  return JSON.parse(text);
}

export const USERS = "/api/v1/users";

/** A body that is sent as it is, when it is text, else as JSON. */
export function send(method: string, body: unknown, headers: Record<string, string> = {}): RequestInit {
  return {
    method,
    headers: { "Content-Type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  };
}

let sequence = 0;

/** Valid data for a new user, different at each call. */
export function newUserData(overrides: Record<string, unknown> = {}) {
  const username = `newcomer${(sequence++).toString(36)}`;
  return { username, email: `${username}@example.com`, full_name: "Grace Hopper", ...overrides };
}

/** Creates a user over HTTP. */
export async function createUser({ request }: TestApp, overrides: Record<string, unknown> = {}): Promise<UserBody> {
  return readUser(await request(USERS, send("POST", newUserData(overrides))));
}

/** The body in pieces, without a Content-Length, as chunked encoding delivers it. */
export function streamOf(pieces: readonly string[]): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream({
    start(controller) {
      for (const piece of pieces) controller.enqueue(encoder.encode(piece));
      controller.close();
    },
  });
}

/** The headers that a client could build on; those of the trace differ at each request by design. */
export function stableHeaders(response: Response): Record<string, string> {
  const headers = Object.fromEntries(response.headers);
  delete headers["traceparent"];
  return headers;
}
