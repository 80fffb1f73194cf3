import type { Client } from "openapi-fetch";

import type { CallOptions } from "./call-options.ts";
import type { Settings } from "./options.ts";
import type { paths } from "./schema.ts";

/* What the calls of this client have in common. */

export interface CallContext {
  readonly settings: Settings;
  readonly api: Client<paths>;
  /** What makes openapi-fetch send a call our way. */
  readonly via: (call: CallOptions) => { readonly fetch: (request: Request) => Promise<Response> };
}

export const MERGE_PATCH = "application/merge-patch+json";

export function conditionOf(ifMatch: string | undefined): { "If-Match"?: string } {
  return ifMatch === undefined ? {} : { "If-Match": ifMatch };
}

/** URLs drop these even when they are percent-encoded, and the request would mean another resource. */
export function segment(value: string): string {
  if (value === "" || value === "." || value === "..") throw new TypeError(`"${value}" names nothing`);
  return value;
}

export interface Result<Body> {
  readonly data?: Body | undefined;
  readonly response: Response;
}

/** Answers without success have been thrown before; what is left is one that breaks the contract. */
export function bodyOf<Body>({ data, response }: Result<Body>): Body {
  if (data === undefined) throw new TypeError(`the answer with status ${response.status} has no body`);
  return data;
}

/** @throws TypeError when there is none */
export function tagOf({ response }: Result<unknown>): string {
  const etag = response.headers.get("ETag");
  if (etag === null) throw new TypeError("the answer has no ETag header, or CORS does not expose it");
  return etag;
}
