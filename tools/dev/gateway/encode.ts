import type { QueryArrayResult } from "pg";

import { GatewayError, responseTooLarge } from "./errors.ts";
import { textToJson } from "./postgres-text.ts";

/** A result as the gateway asks `pg` for it: rows as arrays, every value as PostgreSQL's own text. */
export type TextResult = QueryArrayResult<(string | null)[]>;

export interface EncodeOptions {
  readonly arrayMode: boolean;
  readonly rawText: boolean;
  /** Bytes of the response that earlier results of the same batch already take. */
  readonly usedBytes: number;
  readonly maxBytes: number;
}

/** Renders one result as the proxy's JSON; throws a 507 when the response would pass `maxBytes`. */
export function encodeResult(result: TextResult, options: EncodeOptions): string {
  const head = `{"rowAsArray":${options.arrayMode},"fields":${JSON.stringify(result.fields)},"rows":[`;
  const rows = encodeRows(result, options);
  const body = rows.join(",");
  if (isOverBudget(head, body, rows, options)) throw responseTooLarge(options.maxBytes);
  return `${head}${body}],"command":${JSON.stringify(result.command ?? "")},"rowCount":${result.rowCount}}`;
}

function encodeRows({ rows, fields }: TextResult, { arrayMode, rawText }: EncodeOptions): string[] {
  if (arrayMode && rawText) return rows.map((row) => JSON.stringify(row));
  const keys = fields.map((field) => (arrayMode ? "" : `${JSON.stringify(field.name)}:`));
  const types = fields.map((field) => (rawText ? 0 : field.dataTypeID));
  const [open, close] = arrayMode ? ["[", "]"] : ["{", "}"];
  return rows.map((row) => {
    const entries = row.map((value, index) => `${keys[index] ?? ""}${encodeValue(value, types[index] ?? 0)}`);
    return `${open}${entries.join(",")}${close}`;
  });
}

function encodeValue(value: string | null, typeId: number): string {
  if (value === null) return "null";
  try {
    return typeId === 0 ? JSON.stringify(value) : textToJson(value, typeId);
  } catch (error) {
    throw new GatewayError(500, "could not parse postgres response", {}, { cause: error });
  }
}

// The proxy looks at the size before each row, so the last row may overshoot. A UTF-16 unit takes at most three
// bytes, which settles nearly every response without counting.
function isOverBudget(head: string, body: string, rows: readonly string[], options: EncodeOptions): boolean {
  const room = options.maxBytes - options.usedBytes;
  if ((head.length + body.length) * 3 <= room) return false;
  const last = rows.at(-1);
  if (last === undefined) return false;
  return Buffer.byteLength(head) + Buffer.byteLength(body) - Buffer.byteLength(last) > room;
}
