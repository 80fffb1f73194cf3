import { findFault } from "./answer.ts";
import { UsersNetworkError } from "./errors.ts";
import { readBlocks } from "./event-stream.ts";
import type { FollowedEvent, UserEventQuery } from "./models.ts";
import type { Settings } from "./options.ts";
import { backoffMs, isTransient, waitMs } from "./retry.ts";

/** Silence for as long as three of the service's heartbeats: the connection is dead, though nobody has said so. */
const SILENCE_MS = 45_000;

/**
 * Follows the feed without end, over one stream after the other. Begins again where the last one ended, after a pause that
 * grows while nothing comes. Fails with what does not pass by itself, and with the signal's reason.
 */
export async function* followEvents(
  settings: Settings,
  query: UserEventQuery,
  signal: AbortSignal | undefined,
): AsyncGenerator<FollowedEvent> {
  let place: string | null = null;
  let pauseMs = 0;
  for (let failures = 0; ;) {
    try {
      for await (const { cursor, retryMs, event } of openBlocks(
        settings,
        { query, place, attempts: failures + 1 },
        signal,
      )) {
        [failures, pauseMs, place] = [0, retryMs ?? pauseMs, cursor ?? place];
        if (event !== null && cursor !== null) yield { event, cursor };
      }
    } catch (error) {
      signal?.throwIfAborted();
      if (!isTransient(error)) throw error;
      failures += 1;
      pauseMs = Math.max(pauseMs, waitMs(error, settings.retry, settings.random));
    }
    await settings.sleep(pauseMs + backoffMs(failures + 1, settings.retry, settings.random), signal);
  }
}

interface Opening {
  readonly query: UserEventQuery;
  readonly place: string | null;
  readonly attempts: number;
}

async function* openBlocks(settings: Settings, opening: Opening, signal: AbortSignal | undefined) {
  const watch = new AbortController();
  const leave = (): void => watch.abort(signal?.reason);
  signal?.throwIfAborted();
  signal?.addEventListener("abort", leave, { once: true });
  let timer = setTimeout(() => undefined, 0);
  const listen = (milliseconds: number): void => {
    clearTimeout(timer);
    timer = setTimeout(() => watch.abort(new DOMException("The stream is silent", "TimeoutError")), milliseconds);
  };
  try {
    listen(settings.timeoutMs);
    const body = await connect(settings, opening, watch.signal);
    for await (const block of readBlocks(body)) {
      // The reader of this loop may take its time with an event; that is no silence of the service.
      clearTimeout(timer);
      yield block;
      listen(SILENCE_MS);
    }
  } catch (error) {
    signal?.throwIfAborted();
    if (isTransient(error) || !isOfConnection(error)) throw error;
    throw new UsersNetworkError("The stream of the users API broke", { cause: error, attempts: opening.attempts });
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", leave);
    watch.abort();
  }
}

/** What fetch and readers throw: anything but an answer of the service, and a mistake in what it sent. */
function isOfConnection(error: unknown): boolean {
  return error instanceof TypeError || (error instanceof DOMException && error.name !== "SyntaxError");
}

async function connect(settings: Settings, { query, place, attempts }: Opening, signal: AbortSignal) {
  const url = new URL(`${settings.baseUrl}/api/v1/users/events`);
  for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, String(value));
  const headers = new Headers({ ...(await settings.credentials()), Accept: "text/event-stream" });
  if (place !== null) headers.set("Last-Event-ID", place);
  return await bodyOf(
    await settings.fetch(new Request(url, { headers, signal, redirect: "manual" })),
    settings,
    attempts,
  );
}

/** The stream of an answer. Whatever else it is, is thrown as the fault that it is. */
async function bodyOf(response: Response, settings: Settings, attempts: number) {
  if (response.ok && response.body !== null && isStream(response)) return response.body;
  const { status, ok } = response;
  const answer = { status, ok: false, headers: response.headers, text: ok ? "" : await response.text() };
  const fault = findFault(answer, { nowMs: settings.now(), attempts });
  if (ok) await response.body?.cancel();
  throw fault ?? new TypeError("the answer is no event stream");
}

function isStream({ headers }: Response): boolean {
  return headers.get("Content-Type")?.startsWith("text/event-stream") === true;
}
