import { sha256Hex } from "../auth/sha256-hex.ts";
import type { IdempotencyClaim } from "../models/idempotency.ts";
import { ANONYMOUS } from "../models/principal.ts";
import type { AppContext } from "./context.ts";
import { InvalidRequestError } from "./problem.ts";

const MAX_LENGTH = 255;

/** A key of which every character is escaped, with its quotes and some blanks around it; longer headers are not read. */
const MAX_HEADER_LENGTH = 1_024;

/** A structured-field string (RFC 9651 section 3.3.3): visible ASCII and spaces, with `\\"` and `\\\\` as its only escapes. */
const QUOTED = /^"((?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"$/;

/** What most clients send although the draft asks for a quoted string: a bare token, such as a UUID. */
const BARE = /^[A-Za-z0-9][A-Za-z0-9._~:+/=-]*$/;

/**
 * Reads the `Idempotency-Key` header (draft-ietf-httpapi-idempotency-key-header-07 section 2.1); null when absent.
 * @throws InvalidRequestError when it is empty, longer than 255 characters or neither a quoted string nor a token
 */
export function parseIdempotencyKey(header: string | null): string | null {
  if (header === null) return null;
  if (header.length > MAX_HEADER_LENGTH) throw tooLong();
  const text = header.replace(/^[ \t]+|[ \t]+$/g, "");
  const key = QUOTED.exec(text)?.[1]?.replaceAll(/\\(.)/g, "$1") ?? BARE.exec(text)?.[0] ?? "";
  if (key === "") throw invalid("invalid_format", 'Give one string in double quotes, as in "8e03978e-40d5-43e8".');
  if (key.length > MAX_LENGTH) throw tooLong();
  return key;
}

/** The claim of a keyed request. `payload` is what its body says, in a fixed order: spelling and order of the fields do not count. */
export async function createIdempotencyClaim(
  { env }: AppContext,
  key: string,
  payload: readonly unknown[],
): Promise<IdempotencyClaim> {
  const { id: caller } = env.principal ?? ANONYMOUS;
  return { caller, key, requestHash: await sha256Hex(JSON.stringify(payload)) };
}

function tooLong(): InvalidRequestError {
  return invalid("too_long", `Give at most ${MAX_LENGTH} characters.`);
}

function invalid(code: "invalid_format" | "too_long", detail: string): InvalidRequestError {
  return new InvalidRequestError([{ parameter: "Idempotency-Key", code, detail }]);
}
