import type { IncomingHttpHeaders } from "node:http";
import { isIP } from "node:net";

import { badRequest } from "./errors.ts";

export type IsolationLevel = "ReadUncommitted" | "ReadCommitted" | "RepeatableRead" | "Serializable";

/** How a batch's transaction is started; the single form ignores it. */
export interface TransactionOptions {
  readonly isolationLevel: IsolationLevel | undefined;
  readonly readOnly: boolean;
  readonly deferrable: boolean;
}

export interface OutputOptions {
  readonly rawText: boolean;
  readonly arrayMode: boolean;
}

export interface Credentials {
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

const CONNECTION_STRING_HEADER = "neon-connection-string";

/** Reads who asks for which database; throws the proxy's 400s, and never echoes the connection string. */
export function readCredentials(headers: IncomingHttpHeaders): Credentials {
  const value = headers[CONNECTION_STRING_HEADER];
  if (typeof value !== "string") throw badRequest(`invalid header: ${CONNECTION_STRING_HEADER}`);
  const url = URL.parse(value);
  if (url === null) throw badRequest("invalid connection string: relative URL without a base");
  if (!/^postgres(?:ql)?:$/.test(url.protocol)) throw badRequest("incorrect scheme");
  const database = needText(decode(url.pathname.split("/")[1], "invalid database name"), "missing database name");
  const user = needText(decode(url.username, "invalid username: invalid utf-8 sequence"), "missing username");
  const missingPassword = "missing authentication credentials: required password";
  // A proxy that is not an auth broker takes passwords only, so a bearer token counts as a missing password.
  if (headers.authorization !== undefined) throw badRequest(missingPassword);
  const password = needText(decode(url.password, missingPassword), missingPassword);
  needText(isIP(url.hostname.replace(/^\[|\]$/g, "")) === 0 ? url.hostname : "", "missing hostname");
  return { user, password, database };
}

/** Reads the output and transaction headers; anything but the exact word `true` means false. */
export function readOptions(headers: IncomingHttpHeaders): OutputOptions & TransactionOptions {
  const level = headers["neon-batch-isolation-level"];
  if (level !== undefined && !isIsolationLevel(level)) throw badRequest("invalid isolation level");
  return {
    rawText: headers["neon-raw-text-output"] === "true",
    arrayMode: headers["neon-array-mode"] === "true",
    isolationLevel: level,
    readOnly: headers["neon-batch-read-only"] === "true",
    deferrable: headers["neon-batch-deferrable"] === "true",
  };
}

function decode(text: string | undefined, message: string): string {
  try {
    return decodeURIComponent(text ?? "");
  } catch {
    throw badRequest(message);
  }
}

function needText(text: string, message: string): string {
  if (text === "") throw badRequest(message);
  return text;
}

function isIsolationLevel(value: unknown): value is IsolationLevel {
  return (
    value === "ReadUncommitted" || value === "ReadCommitted" || value === "RepeatableRead" || value === "Serializable"
  );
}
