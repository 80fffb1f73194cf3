import { describeCause } from "../measure/send-probe.ts";
import { type MetricSample, parseExposition } from "./exposition.ts";

export interface ScrapeOptions {
  /** Of the metrics, as in `https://telemetry.example.com/metrics`. */
  readonly url: string;
  readonly token: string;
  readonly fetch?: typeof fetch;
  readonly signal: AbortSignal;
}

/** Telemetry asks four objects, and may be slow. */
const TIMEOUT_MS = 5_000;
/** A thousand series with their histograms are two. */
const MAX_BYTES = 64 * 1024 * 1024;

/**
 * Reads the metrics once.
 * @throws Error with a sentence for the operator, which holds no token
 */
export async function scrape({
  url,
  token,
  fetch: send = fetch,
  signal,
}: ScrapeOptions): Promise<readonly MetricSample[]> {
  const response = await send(url, {
    headers: { Accept: "text/plain;version=0.0.4", Authorization: `Bearer ${token}` },
    redirect: "manual",
    signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
  }).catch((error: unknown) => {
    throw new Error(`GET ${url} gives no answer (${describeCause(error)})`);
  });
  if (response.status !== 200) {
    await response.body?.cancel();
    throw new Error(`GET ${url} gives ${response.status}${ADVICE[response.status] ?? ""}`);
  }
  const type = response.headers.get("Content-Type") ?? "none";
  if (!type.startsWith("text/plain")) {
    await response.body?.cancel();
    throw new Error(`GET ${url} gives another type than Prometheus's text format: ${type}`);
  }
  return parseExposition(await readText(response, url));
}

const ADVICE: Readonly<Record<number, string>> = {
  401: ": METRICS_TOKEN is missing",
  403: ": METRICS_TOKEN is not the one that telemetry knows",
  404: ": check that the address leads to /metrics of the telemetry Worker",
};

async function readText(response: Response, url: string): Promise<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let [text, bytes] = ["", 0];
  try {
    for await (const chunk of response.body ?? []) {
      bytes += chunk.byteLength;
      if (bytes > MAX_BYTES) throw new Error(`more than ${MAX_BYTES} bytes`);
      text += decoder.decode(chunk, { stream: true });
    }
    return text + decoder.decode();
  } catch (error) {
    throw new Error(`GET ${url} gives an answer that cannot be read (${describeCause(error)})`, { cause: error });
  }
}
