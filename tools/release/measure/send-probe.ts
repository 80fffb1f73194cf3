import type { Clock } from "./clock.ts";
import { parseJson } from "./json.ts";
import type { ProbeRequest } from "./probe-requests.ts";
import { overrideHeaders, VERSION_HEADER } from "./version-override.ts";

/** What became of one probe. */
export type Outcome =
  | { readonly kind: "success"; readonly latencyMs: number; readonly body: unknown }
  | { readonly kind: "failure"; readonly problem: string; readonly requestId: string | null }
  /** 404 for a user: right if somebody deleted it meanwhile. */
  | { readonly kind: "missing"; readonly requestId: string | null }
  /** Another version answered, so that it says nothing about the one that was asked. */
  | { readonly kind: "misrouted"; readonly answeredBy: string }
  /** The rate limit refused it: neither right nor wrong. */
  | { readonly kind: "limited"; readonly retryAfterMs: number }
  /** Given up because the observation is over. */
  | { readonly kind: "cancelled" };

export interface SendOptions {
  /** Origin of the deployment. */
  readonly url: string;
  readonly scriptName: string;
  readonly timeoutMs: number;
  readonly fetch: typeof fetch;
  readonly clock: Clock;
}

export interface Pinned {
  readonly versionId: string;
  readonly apiKey: string | null;
  /** Ends the request. */
  readonly signal: AbortSignal;
}

/** When the answer does not say how long to wait. */
const DEFAULT_RETRY_AFTER_MS = 1_000;

/** Sends a request to one version; never rejects. */
export async function sendProbe(request: ProbeRequest, pinned: Pinned, options: SendOptions): Promise<Outcome> {
  const { clock, timeoutMs } = options;
  const timeout = new AbortController();
  const done = new AbortController();
  void clock.sleep(timeoutMs, done.signal).then(() => timeout.abort());
  const startedAt = clock.now();
  try {
    const response = await readOnly(options.fetch)(`${options.url}${request.target}`, {
      headers: {
        Accept: "application/json",
        ...overrideHeaders(options.scriptName, pinned.versionId),
        ...(pinned.apiKey === null ? {} : { "X-API-Key": pinned.apiKey }),
      },
      redirect: "manual",
      signal: AbortSignal.any([pinned.signal, timeout.signal]),
    });
    const text = await response.text();
    return classify(request, pinned.versionId, { response, text, latencyMs: clock.now() - startedAt });
  } catch (error) {
    if (pinned.signal.aborted) return { kind: "cancelled" };
    const problem = timeout.signal.aborted
      ? `no answer within ${timeoutMs / 1_000} s`
      : `no answer: ${describeCause(error)}`;
    return { kind: "failure", problem, requestId: null };
  } finally {
    done.abort();
  }
}

/** A second lock: probes go to production, so that even one that was written wrongly cannot change anything there. */
export function readOnly(send: typeof fetch): (url: string, init: RequestInit) => Promise<Response> {
  return function sendReadOnly(url, init) {
    const method = (init.method ?? "GET").toUpperCase();
    if (method !== "GET") throw new Error(`probes only read, but this one is a ${method}`);
    return send(url, { ...init, method: "GET", body: null });
  };
}

interface ReadAnswer {
  readonly response: Response;
  readonly text: string;
  readonly latencyMs: number;
}

function classify(request: ProbeRequest, versionId: string, { response, text, latencyMs }: ReadAnswer): Outcome {
  const { status, headers } = response;
  const answeredBy = headers.get(VERSION_HEADER);
  const requestId = headers.get("X-Request-ID");
  const failure = (problem: string): Outcome => ({ kind: "failure", problem, requestId });
  if (answeredBy !== null && answeredBy !== versionId) return { kind: "misrouted", answeredBy };
  if (status === 429) return { kind: "limited", retryAfterMs: retryAfterMs(headers) };
  // The platform's own error pages name no version: whoever was asked has failed.
  if (answeredBy === null) return failure(`answered ${status} without ${VERSION_HEADER}`);
  if (status === 404 && request.user !== null) return { kind: "missing", requestId };
  if (status !== 200) return failure(`answered ${status}`);
  const body = parseJson(text);
  if (body === undefined) return failure("the answer is not JSON");
  const fault = request.findFault(body);
  return fault === null ? { kind: "success", latencyMs, body } : failure(`the answer ${fault}`);
}

function retryAfterMs(headers: Headers): number {
  const seconds = Number(headers.get("Retry-After") ?? Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1_000 : DEFAULT_RETRY_AFTER_MS;
}

/** fetch hides the reason in a chain of causes; Node reports a refused connection as an AggregateError. */
export function describeCause(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.cause !== undefined) return describeCause(error.cause);
  if (error instanceof AggregateError) return error.errors.map(describeCause).join("; ");
  return error.message || error.name;
}
