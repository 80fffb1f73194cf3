import { parseExposition } from "./exposition.ts";
import type { Target } from "./options.ts";
import type { Scrape } from "./summary.ts";
import { printable } from "./table.ts";

/** As long as Prometheus waits by default. */
const TIMEOUT_MS = 10_000;

/** No metrics, and what to do about it. */
export class ScrapeError extends Error {
  override readonly name = "ScrapeError";
  /** Whether anything answered at all. */
  readonly isUnreachable: boolean;

  constructor(message: string, isUnreachable: boolean) {
    super(message);
    this.isUnreachable = isUnreachable;
  }
}

/** Asks for the metrics once. @throws ScrapeError; what the signal aborts with */
export async function scrape(target: Target, signal: AbortSignal): Promise<Scrape> {
  const { status, text } = await request(target, signal);
  if (status !== 200) throw new ScrapeError(explain(status, text, target), false);
  const atMs = performance.now();
  try {
    return { atMs, samples: parseExposition(text) };
  } catch (error) {
    const reason = error instanceof Error ? printable(error.message) : "";
    throw new ScrapeError(`${target.url} is no page of metrics (${reason}). --url names the telemetry Worker.`, false);
  }
}

async function request({ url, token }: Target, signal: AbortSignal) {
  try {
    const response = await fetch(url, {
      headers: { Accept: "text/plain; version=0.0.4", ...(token === null ? {} : { Authorization: `Bearer ${token}` }) },
      // The token is for this address, not for where it points to.
      redirect: "manual",
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    });
    return { status: response.status, text: await response.text() };
  } catch (error) {
    signal.throwIfAborted();
    const advice = "Does it run? npm start serves one on this machine; --url names another.";
    throw new ScrapeError(`No answer from ${url} (${reasonOf(error)}). ${advice}`, true);
  }
}

function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  if (cause instanceof Error && cause.name === "TimeoutError") return `nothing within ${TIMEOUT_MS / 1_000} s`;
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  return String(code ?? (cause instanceof Error ? cause.message : cause));
}

function explain(status: number, text: string, { url, token }: Target): string {
  const said = printable(text.split("\n", 1)[0] ?? "").slice(0, 200);
  switch (status) {
    case 401:
      return `${url} wants a token${token === null ? "" : ", of visible ASCII characters"}: --token-file FILE, or METRICS_TOKEN.`;
    case 403:
      return `${url} refuses the token: is it the METRICS_TOKEN of that environment? --token-file FILE, or METRICS_TOKEN.`;
    case 503:
      return `${url} cannot answer now (503): ${said}`;
    default:
      return `${url} answered ${status}: is that the telemetry Worker, and not the API? ${said}`;
  }
}
