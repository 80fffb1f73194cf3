import { createConsoleReport, formatSummary } from "../../tools/smoke/report.ts";
import { runSmoke } from "../../tools/smoke/run.ts";
import { startRelay } from "./relay.ts";
import type { PreviewVersion } from "./version.ts";

const REQUEST_TIMEOUT_MS = 10_000;
const POLL_MS = 1_000;
/** A new address is known everywhere after seconds. */
const MAX_POLLS = 60;

export interface ExamineOptions {
  readonly apiKey: string;
  /** The emulator's proxy, which finds the version by the host that a request names; null for the internet. */
  readonly proxyUrl: string | null;
  readonly print: (text: string) => void;
  readonly sleep: (ms: number) => Promise<unknown>;
  readonly signal: AbortSignal;
}

/**
 * Waits until the address leads to the version, then runs the smoke test against it.
 * @returns what it found, in a few words
 * @throws Error when something failed
 */
export async function examinePreview(version: PreviewVersion, options: ExamineOptions): Promise<string> {
  const { proxyUrl } = options;
  if (proxyUrl === null) return await examineAt(new URL(version.url).origin, version, options);
  const relay = await startRelay(proxyUrl, new URL(version.url).host);
  try {
    return await examineAt(relay.url, version, options);
  } finally {
    await relay.close();
  }
}

async function examineAt(url: string, version: PreviewVersion, options: ExamineOptions): Promise<string> {
  const { apiKey, print, signal } = options;
  await waitForVersion(url, version, options);
  const smoke = { url, apiKey, headers: [], expectVersion: version.id, isReadOnly: false, hasCleanup: true };
  const report = createConsoleReport({ write: print, hasColor: false });
  const result = await runSmoke({ ...smoke, timeoutMs: REQUEST_TIMEOUT_MS }, report, signal);
  signal.throwIfAborted();
  const summary = formatSummary(result);
  if (result.outcome !== "passed")
    throw new Error(`The smoke test of ${version.url} ended with: ${result.outcome} (${summary})`);
  return `smoke test: ${summary}`;
}

async function waitForVersion(
  url: string,
  { id, url: address }: PreviewVersion,
  { sleep, signal }: ExamineOptions,
): Promise<void> {
  let seen = "no answer";
  for (let polls = 0; polls < MAX_POLLS; polls += 1) {
    signal.throwIfAborted();
    try {
      const response = await fetch(`${url}/health`, { signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) });
      await response.arrayBuffer();
      const version = response.headers.get("x-version-id");
      if (version === id) return;
      seen = version === null ? `status ${response.status}` : `version ${version}`;
    } catch (error) {
      seen = error instanceof Error ? error.message : String(error);
    }
    await sleep(POLL_MS);
  }
  throw new Error(`${address} does not lead to version ${id} after a minute (${seen}). Run it again.`);
}
