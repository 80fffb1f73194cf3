import committed from "../../docs/openapi.json" with { type: "json" };
import type { OpenapiDocument } from "../../tools/openapi/document.ts";
import { checkBody, checkHeaders, checkPresence } from "./response-contract/checks.ts";
import { expectationFor } from "./response-contract/rules.ts";
import { type Answer, createSchemaCheck } from "./response-contract/schemas.ts";

export interface Exchange {
  readonly method: string;
  readonly url: string | URL;
  /** Only its clone is read, so that a test still can. */
  readonly response: Answer & { clone(): { text(): Promise<string> } };
}

export interface CheckOptions {
  /** Why the content of a body says nothing about the service; everything else is checked all the same. */
  readonly ignoreContent?: string | null;
}

export interface ResponseContract {
  /** Throws an error that names operation, status, place and reason unless the response is what the document says. */
  check(exchange: Exchange, options?: CheckOptions): Promise<void>;
}

/**
 * Holds responses against an OpenAPI document, read strictly: what it does not mention must not happen. Runs in Node and
 * in workerd, where code cannot be made from text, as most validators of JSON Schema do.
 */
export function createResponseContract(description: unknown): ResponseContract {
  const document = description as OpenapiDocument;
  const checkSchema = createSchemaCheck(document);
  return {
    async check({ method: given, url, response }, { ignoreContent = null } = {}) {
      const method = given.toUpperCase();
      const text = await response.clone().text();
      const { operation, response: expected, faults } = expectationFor(document, method, pathOf(url), response);
      const found = [...faults];
      if (expected !== null) {
        const presence = checkPresence(method, expected, response, text);
        const isReadable = presence.length === 0 && method !== "HEAD" && ignoreContent === null;
        found.push(...presence, ...checkHeaders(document, expected, response, checkSchema));
        if (isReadable) found.push(...checkBody(expected, response, text, checkSchema));
      }
      if (found.length === 0) return;
      const list = found.map(({ place, reason }) => `  ${place} ${reason}`).join("\n");
      throw new Error(
        `${operation} answered ${response.status}, against docs/openapi.json:\n${list}\n${text.slice(0, 500)}`,
      );
    },
  };
}

/** The contract that is committed, and that the service publishes about itself. */
export const responseContract = createResponseContract(committed);

function pathOf(url: string | URL): string {
  return new URL(url).pathname;
}
