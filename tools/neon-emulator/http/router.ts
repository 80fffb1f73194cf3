import type { z } from "zod";

import type { Context } from "../context.ts";
import { badRequest } from "./api-error.ts";

/** A request for the API, its body read completely. */
export interface ApiCall {
  readonly method: string;
  /** Below the API base, without query: `/projects`. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly authorization: string;
  readonly body: string;
}

export interface RoutedCall extends ApiCall {
  /** Decoded value of a `:name` in the route's pattern. */
  param(name: string): string;
}

export interface ApiAnswer {
  readonly status: number;
  readonly payload: object;
}

export interface Route {
  readonly method: string;
  /** Segments of the path; `:name` takes one segment. */
  readonly pattern: string;
  handle(call: RoutedCall, context: Context): ApiAnswer | Promise<ApiAnswer>;
}

/** The route for a call, with what its path says; null without one. */
export function matchRoute(routes: readonly Route[], call: ApiCall): { route: Route; call: RoutedCall } | null {
  const segments = call.path.split("/");
  for (const route of routes) {
    const pattern = route.pattern.split("/");
    if (route.method !== call.method || pattern.length !== segments.length) continue;
    if (!pattern.every((part, index) => part.startsWith(":") || part === segments[index])) continue;
    const param = (name: string): string => decodeURIComponent(segments[pattern.indexOf(`:${name}`)] ?? "");
    return { route, call: { ...call, param } };
  }
  return null;
}

/**
 * The body, checked: Neon's own API ignores members that it does not know, which is how a misspelt one would go unnoticed.
 * @throws ApiError 400 that names the member
 */
export function readBody<Schema extends z.ZodType>(schema: Schema, { body }: ApiCall): z.output<Schema> {
  const result = schema.safeParse(body === "" ? {} : parseJson(body));
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw badRequest(`${issue?.path.join(".") || "the body"}: ${issue?.message ?? "invalid"}`);
}

/**
 * Parameters of a query, none of which may be unknown.
 * @throws ApiError 400
 */
export function readQuery(call: ApiCall, known: readonly string[], required: readonly string[] = []): URLSearchParams {
  const unknown = [...call.query.keys()].find((name) => !known.includes(name));
  if (unknown !== undefined) throw badRequest(`unknown parameter ${unknown}`);
  const missing = required.find((name) => !call.query.has(name));
  if (missing !== undefined) throw badRequest(`${missing} is missing`);
  return call.query;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw badRequest("the body is no JSON");
  }
}
