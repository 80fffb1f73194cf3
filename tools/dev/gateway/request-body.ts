import type { IncomingMessage } from "node:http";

import { badRequest, type GatewayError, requestTooLarge } from "./errors.ts";
import { toPostgresText } from "./params.ts";

export interface Statement {
  readonly text: string;
  readonly values: (string | null)[];
  readonly arrayMode: boolean;
}

export type Payload =
  | { readonly kind: "single"; readonly statement: Statement }
  | { readonly kind: "batch"; readonly statements: readonly Statement[] };

const MAX_PARAMETERS = 65_535; // The Bind message counts them in 16 bits.

/** Reads the body up to `maxBytes`; a larger one is read to its end without being kept, so that the 413 can be delivered. */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const bytes: Buffer = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
    size += bytes.length;
    if (size <= maxBytes) chunks.push(bytes);
  }
  if (size > maxBytes) throw requestTooLarge(maxBytes);
  return Buffer.concat(chunks).toString("utf8");
}

/** Parses either body shape, the single one first; throws a 400 for anything else. */
export function parsePayload(body: string, arrayMode: boolean): Payload {
  const json = parseJson(body);
  if (!isRecord(json)) throw shapeMismatch();
  const statement = parseStatement(json, arrayMode);
  if (statement !== undefined) return { kind: "single", statement };
  if (!Array.isArray(json["queries"])) throw shapeMismatch();
  const statements = json["queries"].map((query: unknown) => {
    const parsed = isRecord(query) ? parseStatement(query, arrayMode) : undefined;
    if (parsed === undefined) throw shapeMismatch();
    return parsed;
  });
  return { kind: "batch", statements };
}

function parseStatement(json: Record<string, unknown>, defaultArrayMode: boolean): Statement | undefined {
  const { query, params = [], arrayMode = null } = json;
  if (typeof query !== "string" || !Array.isArray(params)) return undefined;
  if (arrayMode !== null && typeof arrayMode !== "boolean") return undefined;
  const statement = { text: query, values: params.map(toPostgresText), arrayMode: arrayMode ?? defaultArrayMode };
  assertEncodable(statement);
  return statement;
}

// The proxy's JSON parser refuses half a surrogate pair, its encoder a NUL in the SQL text or too many parameters.
function assertEncodable({ text, values }: Statement): void {
  if (![text, ...values].every((value) => value === null || value.isWellFormed())) {
    throw unparsable("lone leading surrogate in hex escape");
  }
  if (text.includes("\0") || values.length > MAX_PARAMETERS) throw badRequest("error encoding message to server");
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (error) {
    throw unparsable(error instanceof Error ? error.message : String(error));
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function shapeMismatch(): GatewayError {
  return unparsable("data did not match any variant of untagged enum Payload");
}

function unparsable(reason: string): GatewayError {
  return badRequest(`could not parse the HTTP request body: ${reason}`);
}
