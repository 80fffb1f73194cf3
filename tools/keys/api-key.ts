import { createHash, randomBytes } from "node:crypto";
import { parseArgs } from "node:util";

import type { Scope } from "../../src/models/principal.ts";
import { SCOPES } from "../../src/models/principal.ts";

export const HELP = `npm run keys:mint -- --id NAME [--scopes ${SCOPES.join(",")}]

Mints an API key. The key is printed once and stored nowhere; the service keeps only its SHA-256.
  --id NAME       who uses the key: 1 to 64 letters, digits, dots, underscores, hyphens
  --scopes LIST   what it may do, separated by commas (default: all of ${SCOPES.join(", ")})
  --help          this text
`;

/** 256 bits: beyond guessing, so that an unsalted digest is enough to store. */
const KEY_BYTES = 32;
/** Lets secret scanners and people recognise a users API key. */
const KEY_PREFIX = "uk_";
const ID_PATTERN = /^[A-Za-z0-9._-]{1,64}$/;

/** A mistake on the command line; the message says what is allowed. */
export class MintError extends Error {
  override readonly name = "MintError";
}

export interface MintOptions {
  readonly id: string;
  readonly scopes: readonly Scope[];
}

export interface MintedKey {
  readonly key: string;
  /** The element to add to the JSON list in API_KEYS. */
  readonly entry: { readonly id: string; readonly sha256: string; readonly scopes: readonly Scope[] };
}

/**
 * Reads the command line; null asks for the help text.
 * @throws MintError for a bad id or an unknown scope
 */
export function parseMintOptions(args: readonly string[]): MintOptions | null {
  const values = parseFlags(args);
  if (values.help === true) return null;
  if (values.id === undefined || !ID_PATTERN.test(values.id)) {
    throw new MintError("--id must be 1 to 64 letters, digits, dots, underscores or hyphens.");
  }
  return { id: values.id, scopes: values.scopes === undefined ? SCOPES : parseScopes(values.scopes) };
}

/** Makes a key and the entry that accepts it. */
export function mintKey({ id, scopes }: MintOptions, random: (size: number) => Buffer = randomBytes): MintedKey {
  const key = KEY_PREFIX + random(KEY_BYTES).toString("base64url");
  return { key, entry: { id, sha256: createHash("sha256").update(key).digest("hex"), scopes } };
}

export function formatMintedKey({ key, entry }: MintedKey): string {
  return `API key of ${entry.id} (shown once, hand it over safely):

  ${key}

Add this entry to the JSON list in API_KEYS:

  ${JSON.stringify(entry)}

Locally:   API_KEYS='[${JSON.stringify(entry)}]' npm start
Deployed:  npx wrangler versions secret put API_KEYS --env production
           npm run release -- --env production
           Enter the whole list, old entries included. The first command gives it to a version that serves nobody yet;
           the second one releases that step by step.
To rotate, keep the old entry until nobody uses its key any more.
`;
}

function parseFlags(args: readonly string[]) {
  const options = {
    id: { type: "string" },
    scopes: { type: "string" },
    help: { type: "boolean", short: "h" },
  } as const;
  try {
    return parseArgs({ args: [...args], options, allowPositionals: false }).values;
  } catch (error) {
    throw new MintError(error instanceof Error ? error.message : String(error));
  }
}

function parseScopes(list: string): readonly Scope[] {
  const wanted = list.split(",").map((scope) => scope.trim());
  const unknown = wanted.find((name) => !SCOPES.some((scope) => scope === name));
  if (unknown !== undefined) throw new MintError(`Unknown scope "${unknown}"; choose from ${SCOPES.join(", ")}.`);
  return SCOPES.filter((scope) => wanted.includes(scope));
}
