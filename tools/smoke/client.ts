import type { Answer } from "./answer.ts";
import { CheckFailure } from "./expectations.ts";
import type { SmokeOptions } from "./options.ts";

export interface RequestOptions {
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as it is, without a Content-Type of its own. */
  readonly body?: Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>;
  /** Leaves out the caller's credentials. */
  readonly isAnonymous?: boolean;
}

/** Sends requests to one deployment and remembers the answers. */
export interface SmokeClient {
  readonly answers: readonly Answer[];
  /** How many requests got no answer. */
  readonly unanswered: () => number;
  /**
   * @throws NoAnswerError when the connection fails or the answer takes too long
   */
  send(method: string, target: string, options?: RequestOptions): Promise<Answer>;
}

/** The deployment did not answer: refused, cut off or too late. */
export class NoAnswerError extends CheckFailure {}

const CREDENTIAL_HEADERS = ["X-API-Key", "Authorization"];
const SAFE_METHODS = ["GET", "HEAD", "OPTIONS"];

/** @param signal ends every request, when the user wants it to end */
export function createClient(options: SmokeOptions, signal: AbortSignal): SmokeClient {
  const answers: Answer[] = [];
  let unanswered = 0;

  return {
    answers,
    unanswered: () => unanswered,
    async send(method, target, request = {}) {
      const path = target.split("?", 1)[0] ?? target;
      // A second lock: even a check that forgot to say that it writes cannot.
      if (options.isReadOnly && !SAFE_METHODS.includes(method)) throw new Error(`${method} ${path} in a read-only run`);
      try {
        const response = await fetch(`${options.url}${target}`, {
          method,
          headers: collectHeaders(options, request),
          body: request.body ?? (request.json === undefined ? null : JSON.stringify(request.json)),
          redirect: "manual",
          signal: AbortSignal.any([signal, AbortSignal.timeout(options.timeoutMs)]),
          ...(request.body instanceof ReadableStream ? { duplex: "half" as const } : {}),
        });
        const text = await response.text();
        const answer = {
          method,
          path,
          status: response.status,
          headers: response.headers,
          text,
          json: parseJson(text),
        };
        answers.push(answer);
        return answer;
      } catch (error) {
        unanswered++;
        throw new NoAnswerError([`${method} ${path}: expected an answer, saw ${describeNetworkError(error)}`]);
      }
    },
  };
}

function collectHeaders(
  { headers: common, apiKey }: SmokeOptions,
  { headers = {}, json, isAnonymous = false }: RequestOptions,
): Headers {
  const all = new Headers(common.map(([name, value]): [string, string] => [name, value]));
  if (apiKey !== null) all.set("X-API-Key", apiKey);
  if (isAnonymous) for (const name of CREDENTIAL_HEADERS) all.delete(name);
  if (json !== undefined) all.set("Content-Type", "application/json");
  for (const [name, value] of Object.entries(headers)) all.set(name, value);
  return all;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** fetch hides the reason in a chain of causes; Node reports a refused connection as an AggregateError. */
function describeNetworkError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.cause !== undefined) return describeNetworkError(error.cause);
  if (error instanceof AggregateError) return error.errors.map(describeNetworkError).join("; ");
  return error.message || error.name;
}
