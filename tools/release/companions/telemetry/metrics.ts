import { describeCause } from "../../measure/send-probe.ts";
import { overrideHeaders, VERSION_HEADER } from "../../measure/version-override.ts";

export interface MetricsOptions {
  /** Origin of the telemetry Worker. */
  readonly url: string;
  readonly token: string;
  readonly scriptName: string;
  readonly fetch?: typeof fetch;
}

/** Counters and counts of histograms, by their names with labels. */
export type Counts = ReadonlyMap<string, number>;

export interface MetricsAnswer {
  /** Null when there was no answer. */
  readonly status: number | null;
  readonly versionId: string | null;
  readonly counts: Counts;
  /** Why there was no answer, or what it said instead of metrics. */
  readonly words: string;
}

const TIMEOUT_MS = 10_000;
const SHOWN_LENGTH = 200;
/** What can only grow: a sample of a counter, or the count of a histogram. */
const GROWING = /^([a-z_]+(?:_total|_count)(?:\{[^}]*\})?) (\d+)$/gm;

/** Asks for `/metrics`. @param versionId asks that version by the override; null asks whichever comes */
export async function readMetrics(
  { url, token, scriptName, fetch: send = fetch }: MetricsOptions,
  versionId: string | null,
  signal: AbortSignal,
): Promise<MetricsAnswer> {
  try {
    const response = await send(`${url}/metrics`, {
      headers: {
        ...(token === "" ? {} : { Authorization: `Bearer ${token}` }),
        ...(versionId === null ? {} : overrideHeaders(scriptName, versionId)),
      },
      redirect: "manual",
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    });
    const text = await response.text();
    const counts = response.status === 200 ? readCounts(text) : new Map<string, number>();
    const words = response.status === 200 ? "" : text.trim().slice(0, SHOWN_LENGTH);
    return { status: response.status, versionId: response.headers.get(VERSION_HEADER), counts, words };
  } catch (error) {
    signal.throwIfAborted();
    return { status: null, versionId: null, counts: new Map(), words: describeCause(error) };
  }
}

export function readCounts(metrics: string): Counts {
  return new Map([...metrics.matchAll(GROWING)].map(([, series = "", value]) => [series, Number(value)]));
}

/** Series that went back, or are gone: a sentence for each. */
export function findLowered(before: Counts, after: Counts): string[] {
  return [...before]
    .filter(([series, count]) => (after.get(series) ?? 0) < count)
    .map(([series, count]) => `${series} was ${count}, and is ${after.get(series) ?? "gone"}.`);
}
