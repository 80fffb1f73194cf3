import { type Schema, Validator } from "@cfworker/json-schema";

import type { OpenapiDocument } from "../../../tools/openapi/document.ts";

/** What the checks read of a response. */
export type Answer = Pick<Response, "status" | "headers">;

/** One place in which a response is not what the document says. */
export interface Fault {
  /** `status`, `header ETag`, `body/data/0/email`. */
  readonly place: string;
  readonly reason: string;
}

export type SchemaCheck = (schema: object, value: unknown, place: string) => readonly Fault[];

/**
 * Checks values against schemas of the document, with patterns read as Unicode and formats enforced. An object whose
 * schema does not say otherwise is closed: a member that nobody documented is a fault.
 */
export function createSchemaCheck(document: OpenapiDocument): SchemaCheck {
  const components = { schemas: close(document.components?.schemas ?? {}) };
  const validators = new Map<object, Validator>();
  return (schema, value, place) => {
    const validator = validators.get(schema) ?? compile(schema, components);
    validators.set(schema, validator);
    const { valid, errors } = validator.validate(value);
    if (valid) return [];
    return errors
      .filter(({ keyword }) => !WRAPPERS.has(keyword))
      .map(({ keyword, instanceLocation, error }) => ({
        place: `${place}${instanceLocation.slice(1)}`,
        // The message of a closed object speaks of its schema `false` instead.
        reason: keyword === "false" ? "is not documented" : error,
      }));
  };
}

/** Keywords whose own message only says that something below them failed. */
const WRAPPERS = new Set(["properties", "items", "$ref", "allOf", "additionalProperties"]);

function compile(schema: object, components: object): Validator {
  // The library's type of a schema has an index signature that plain objects lack.
  const closed: Schema = { ...Object.fromEntries(Object.entries(closeObject(schema))), components };
  return new Validator(closed, "2020-12", false);
}

function close(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(close);
  return typeof node === "object" && node !== null ? closeObject(node) : node;
}

function closeObject(node: object): object {
  const closed = mapValues(node, close);
  const isOpen = !("additionalProperties" in node) && !("unevaluatedProperties" in node);
  if (!isOpen) return closed;
  // Branches see one another's members as unknown ones, so it is their holder that has to be closed.
  if ("allOf" in node && Array.isArray(node.allOf)) {
    const allOf = node.allOf.map((branch: unknown) =>
      typeof branch === "object" && branch !== null ? mapValues(branch, close) : branch,
    );
    return { ...closed, allOf, unevaluatedProperties: false };
  }
  return "properties" in node && "type" in node ? { ...closed, additionalProperties: false } : closed;
}

function mapValues(node: object, change: (value: unknown) => unknown): object {
  return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, change(value)]));
}
