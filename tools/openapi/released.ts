import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import type { OpenapiDocument } from "./document.ts";

/** The document of the last released version: what clients out there rely on. */
export const RELEASED_FILE = fileURLToPath(new URL("../../docs/released/openapi.json", import.meta.url));

/** Reads a document, with a message for people when there is none. */
export function readDocument(file: string): OpenapiDocument {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as OpenapiDocument;
  } catch (error) {
    throw new Error(`cannot read ${file}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}
