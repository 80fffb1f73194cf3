import { z } from "zod";

import type { FlagState } from "../models/feature-flag.ts";

/** The key of the one value in the KV namespace. */
export const FLAG_FILE_KEY = "flags";

/** Far more than flags ever need; a larger value is a mistake, which no isolate should have to read. */
export const MAX_FLAG_FILE_LENGTH = 64 * 1024;

const STATE = /^(?:on|off|(?:100|[1-9]?\d)%)$/;

/** Letters, digits and hyphens, as the names of the flags have them. */
const NAME = /^[a-z][a-z0-9-]{0,63}$/;

export const isFlagState = (text: string): text is FlagState => STATE.test(text);

const flagFile = z.object({
  version: z.literal(1, { error: "must be 1" }),
  flags: z.record(
    z.string().regex(NAME, { error: "must be the name of a flag" }),
    z.string({ error: "must be on, off or a share as in 25%" }).refine(isFlagState, {
      error: "must be on, off or a share as in 25%",
    }),
  ),
});

/** What the file says: some of the flags, and perhaps some that only another version of the code knows. */
export type Flags = ReadonlyMap<string, FlagState>;

export const NO_FLAGS: Flags = new Map();

export type ParsedFlagFile =
  | { readonly isValid: true; readonly flags: Flags }
  /** Says where it is wrong, without a value. */
  | { readonly isValid: false; readonly finding: string };

export function parseFlagFile(text: string): ParsedFlagFile {
  if (text.length > MAX_FLAG_FILE_LENGTH) return { isValid: false, finding: "is too long" };
  const json = parseJson(text);
  if (json === undefined) return { isValid: false, finding: "is no JSON" };
  const { success, data, error } = flagFile.safeParse(json);
  if (success) return { isValid: true, flags: new Map(Object.entries(data.flags)) };
  const [issue] = error.issues;
  return {
    isValid: false,
    finding: `${issue?.path.map(String).join(".") || "the file"} ${issue?.message ?? "is wrong"}`,
  };
}

export function formatFlagFile(flags: Flags): string {
  const entries = [...flags].toSorted(([left], [right]) => (left < right ? -1 : 1));
  return JSON.stringify({ version: 1, flags: Object.fromEntries(entries) });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
