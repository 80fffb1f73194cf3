/** Longest wait for one answer: a cold isolate in front of a sleeping database takes seconds. */
const TIMEOUT_MS = 10_000;
const PATH = "/api/v1/users?limit=1";

export interface AccessOptions {
  readonly url: string;
  readonly apiKeys: readonly string[];
  readonly signal: AbortSignal;
  readonly fetch?: typeof fetch;
}

/** Tries every key; a sentence for each that is not accepted, which never holds the key. */
export async function findAccessProblems({
  url,
  apiKeys,
  signal,
  fetch: send = fetch,
}: AccessOptions): Promise<readonly string[]> {
  const problems: string[] = [];
  for (const [place, key] of apiKeys.entries()) {
    const name = `Key ${place + 1} of ${apiKeys.length} in RELEASE_API_KEYS`;
    try {
      const response = await send(`${url}${PATH}`, {
        headers: { "X-API-Key": key },
        redirect: "manual",
        signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
      });
      await response.body?.cancel();
      if (response.status !== 200)
        problems.push(`${name} is not accepted: GET ${url}${PATH} gives ${response.status}.`);
    } catch (error) {
      signal.throwIfAborted();
      problems.push(`${name} could not be tried: GET ${url}${PATH} gives no answer (${describeCause(error)}).`);
    }
  }
  return problems;
}

/** fetch hides the reason in a chain of causes. */
function describeCause(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.cause !== undefined) return describeCause(error.cause);
  return error.message || error.name;
}
