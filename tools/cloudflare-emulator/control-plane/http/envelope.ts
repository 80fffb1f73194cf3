import type { ApiFault } from "../admin/faults.ts";
import { ApiError, ERROR_CODES, type ErrorEntry } from "./api-error.ts";
import type { ApiAnswer } from "./router.ts";

/** A complete answer of the API. */
export interface Outcome {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly payload: object;
  /** In the place of the payload. */
  readonly raw?: Buffer;
  readonly errors: readonly number[];
}

const OK = 200;
const TOO_MANY_REQUESTS = 429;

export function succeed({ status = OK, result, resultInfo, raw }: ApiAnswer): Outcome {
  const info = resultInfo === undefined ? {} : { result_info: resultInfo };
  const payload = { success: true, errors: [], messages: [], result, ...info };
  return { status, headers: {}, payload, ...(raw === undefined ? {} : { raw }), errors: [] };
}

function failWith(status: number, entries: readonly ErrorEntry[]): Outcome {
  const payload = { success: false, errors: entries, messages: [], result: null };
  return { status, headers: {}, payload, errors: entries.map(({ code }) => code) };
}

/** Any thrown value; what is no refusal is a mistake of the emulator, hence 500. */
export function failBy(error: unknown): Outcome {
  if (error instanceof ApiError) return failWith(error.status, error.entries);
  const message = `The emulator failed: ${error instanceof Error ? error.message : String(error)}`;
  return failWith(500, [{ code: ERROR_CODES.unknown, message }]);
}

/** The answer that a fault puts in the place of the real one; null when it has none. */
export function failByFault({ status, code, message, retryAfter }: ApiFault): Outcome | null {
  if (status === undefined) return null;
  const usualCode = status === TOO_MANY_REQUESTS ? ERROR_CODES.rateLimited : ERROR_CODES.unknown;
  const entry = { code: code ?? usualCode, message: message ?? `Injected fault: HTTP ${status}` };
  const outcome = failWith(status, [entry]);
  return retryAfter === undefined ? outcome : { ...outcome, headers: { "retry-after": String(retryAfter) } };
}
