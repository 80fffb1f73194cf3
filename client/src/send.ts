import { findFault, type Answer } from "./answer.ts";
import { attempt, type RequestPlan } from "./attempt.ts";
import { UsersNetworkError } from "./errors.ts";
import type { Settings } from "./options.ts";
import { isRepeatable, isTransient, waitMs } from "./retry.ts";

/** Sends a request until it succeeds or nothing more may help. */
export type Send = (request: Request, signal?: AbortSignal) => Promise<Response>;

/** Statuses whose responses cannot be built with a body, not even an empty one. */
const WITHOUT_BODY: ReadonlySet<number> = new Set([204, 205]);

/**
 * Gives a `Send` that authenticates, limits the time of each attempt, and repeats what may be repeated. It rejects with
 * UsersApiError for every answer that is not a success in JSON, with UsersNetworkError when none arrived, and with the
 * signal's reason once that is aborted.
 */
export function createSend(settings: Settings): Send {
  const { retry, now } = settings;
  return async (request, signal) => {
    const endsAt = now() + retry.maxTotalMs;
    const body = await bodyOf(request);
    for (let attempts = 1; ; attempts += 1) {
      try {
        return toResponse(await sendOnce(settings, { request, body, attempts, endsAt }, signal));
      } catch (error) {
        if (!isTransient(error) || !isRepeatable(request) || attempts >= retry.maxAttempts) throw error;
        const pauseMs = waitMs(error, retry, settings.random);
        if (now() + pauseMs >= endsAt) throw error;
        await settings.sleep(pauseMs, signal);
      }
    }
  };
}

interface Try {
  readonly request: Request;
  readonly body: string | null;
  readonly attempts: number;
  /** Milliseconds since 1970. */
  readonly endsAt: number;
}

async function sendOnce(settings: Settings, { request, body, attempts, endsAt }: Try, signal?: AbortSignal) {
  const { url, method } = request;
  const headers = new Headers(request.headers);
  for (const [name, value] of Object.entries(await settings.credentials())) headers.set(name, value);
  signal?.throwIfAborted();
  const timeoutMs = Math.min(settings.timeoutMs, endsAt - settings.now());
  const answer = await translateFailure(
    () => attempt(settings.fetch, { url, method, headers, body } satisfies RequestPlan, { timeoutMs, signal }),
    attempts,
    signal,
  );
  const fault = findFault(answer, { nowMs: settings.now(), attempts });
  if (fault !== null) throw fault;
  return answer;
}

async function translateFailure<T>(work: () => Promise<T>, attempts: number, signal?: AbortSignal): Promise<T> {
  try {
    return await work();
  } catch (error) {
    signal?.throwIfAborted();
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsersNetworkError(`No answer from the users API: ${reason}`, { cause: error, attempts });
  }
}

async function bodyOf(request: Request): Promise<string | null> {
  const text = await request.text();
  return text === "" ? null : text;
}

function toResponse({ status, headers, text }: Answer): Response {
  return new Response(WITHOUT_BODY.has(status) ? null : text, { status, headers });
}
