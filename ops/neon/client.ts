import type { z } from "zod";

import { NeonError, refusedBy, unanswered } from "./errors.ts";
import { MAX_ATTEMPTS, mayRetry, waitBefore } from "./retry.ts";
import { problemSchema } from "./schemas.ts";

export interface ClientOptions {
  /** `https://console.neon.tech/api/v2`, without a slash at the end. */
  readonly apiUrl: string;
  readonly apiKey: string;
  /** Rejects when the signal aborts. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<unknown>;
  /** Ends waiting; a change that is under way is left to finish. */
  readonly signal: AbortSignal;
  /** Gives 0 to 1. */
  readonly random: () => number;
  /** Told of what is waited for. */
  readonly note: (text: string) => void;
}

export interface NeonClient {
  /**
   * Sends a request, again where that is safe, and reads its answer.
   * @param body becomes JSON; none when absent
   * @throws NeonError; the reason of the signal's abortion
   */
  send<Schema extends z.ZodType>(
    method: string,
    path: string,
    schema: Schema,
    body?: object,
  ): Promise<z.output<Schema>>;
}

const TIMEOUT_MS = 60_000;

/** Speaks Neon's API, version 2: https://neon.com/docs/reference/api */
export function createNeonClient(options: ClientOptions): NeonClient {
  const { signal, sleep, random, note } = options;
  return {
    async send(method, path, schema, body) {
      for (let attempt = 1; ; attempt += 1) {
        signal.throwIfAborted();
        const answer = await request(options, method, path, body);
        if (answer.error === null) return readAnswer(`${method} ${path}`, schema, answer.payload);
        if (attempt === MAX_ATTEMPTS || !mayRetry(method, answer.error.status)) throw answer.error;
        const waitMs = waitBefore(attempt, answer.retryAfter, random);
        const cause = answer.error.status === 0 ? "does not answer" : `answers with ${answer.error.status}`;
        note(`Neon ${cause}; asking again in ${(waitMs / 1000).toFixed(1)} s`);
        await sleep(waitMs, signal);
      }
    },
  };
}

type Answer =
  | { readonly error: null; readonly payload: unknown }
  | { readonly error: NeonError; readonly retryAfter: string | null };

async function request(options: ClientOptions, method: string, path: string, body?: object): Promise<Answer> {
  const call = `${method} ${path.split("?", 1)[0]}`;
  try {
    const response = await fetch(`${options.apiUrl}${path}`, {
      method,
      headers: {
        accept: "application/json",
        authorization: `Bearer ${options.apiKey}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      redirect: "error",
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (response.ok) return { error: null, payload: text === "" ? {} : parseJson(text) };
    return { error: refusedBy(call, response.status, describe(text)), retryAfter: response.headers.get("retry-after") };
  } catch (error) {
    return { error: unanswered(call, reasonOf(error)), retryAfter: null };
  }
}

/** @throws NeonError for an answer of another shape */
function readAnswer<Schema extends z.ZodType>(call: string, schema: Schema, payload: unknown): z.output<Schema> {
  const result = schema.safeParse(payload);
  if (result.success) return result.data;
  const places = result.error.issues.map(({ path }) => path.join(".") || "the whole").join(", ");
  throw new NeonError(200, `Neon's answer to ${call.split("?", 1)[0]} is not as documented at: ${places}.`);
}

function describe(text: string): string {
  const problem = problemSchema.safeParse(parseJson(text));
  if (!problem.success) return "";
  const { message, request_id: id } = problem.data;
  return [message, id === undefined ? "" : `request ${id}`].filter((part) => part !== "").join(", ");
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** fetch tells what happened only in the cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message || error.message : error.message;
}
