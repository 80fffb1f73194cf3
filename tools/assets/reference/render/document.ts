/** The parts of an OpenAPI 3.1 document that the page shows. */
export interface OpenapiDocument {
  readonly info: {
    readonly title: string;
    readonly version: string;
    readonly description?: string;
    readonly license?: { readonly name: string };
  };
  readonly tags?: readonly { readonly name: string; readonly description?: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components?: {
    readonly schemas?: Readonly<Record<string, Schema>>;
    readonly headers?: Readonly<Record<string, Header>>;
    readonly securitySchemes?: Readonly<Record<string, SecurityScheme>>;
  };
}

export interface Reference {
  readonly $ref: string;
}

export interface Operation {
  readonly operationId: string;
  readonly summary?: string;
  readonly description?: string;
  readonly deprecated?: boolean;
  readonly tags?: readonly string[];
  readonly security?: readonly Readonly<Record<string, readonly string[]>>[];
  readonly parameters?: readonly (Parameter | Reference)[];
  readonly requestBody?: RequestBody | Reference;
  readonly responses: Readonly<Record<string, Response | Reference>>;
}

export interface Parameter {
  readonly name: string;
  readonly in: "path" | "query" | "header" | "cookie";
  readonly required?: boolean;
  readonly description?: string;
  readonly schema?: Schema | Reference;
}

export interface RequestBody {
  readonly description?: string;
  readonly required?: boolean;
  readonly content: Readonly<Record<string, MediaType>>;
}

export interface Response {
  readonly description: string;
  readonly headers?: Readonly<Record<string, Header | Reference>>;
  readonly content?: Readonly<Record<string, MediaType>>;
}

export interface MediaType {
  readonly schema?: Schema | Reference;
  readonly example?: unknown;
  readonly examples?: Readonly<Record<string, Example | Reference>>;
}

export interface Example {
  readonly summary?: string;
  readonly value?: unknown;
}

export interface Header {
  readonly description?: string;
  readonly required?: boolean;
  readonly schema?: Schema | Reference;
  readonly example?: unknown;
}

export interface Schema {
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema | Reference>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema | Reference;
  readonly items?: Schema | Reference;
  readonly oneOf?: readonly (Schema | Reference)[];
  readonly anyOf?: readonly (Schema | Reference)[];
  readonly allOf?: readonly (Schema | Reference)[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly default?: unknown;
  readonly example?: unknown;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
}

export interface SecurityScheme {
  readonly type: string;
  readonly in?: string;
  readonly name?: string;
  readonly scheme?: string;
  readonly description?: string;
}

/** An operation with its place in the document. */
export interface PlacedOperation extends Operation {
  readonly method: string;
  readonly path: string;
}

const METHODS = ["get", "put", "post", "patch", "delete", "head", "options", "trace"];

/** Every operation, in the order of the document. Throws on what the page would leave out. */
export function operationsOf({ paths }: OpenapiDocument): PlacedOperation[] {
  return Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => {
      if (!METHODS.includes(method)) throw new Error(`The reference page does not show "${method}" of ${path}.`);
      return { ...operation, method: method.toUpperCase(), path };
    }),
  );
}

/** Operations by tag, in the order of the document's tags; tags that only operations name come last. */
export function operationsByTag(document: OpenapiDocument): Map<string, readonly PlacedOperation[]> {
  const operations = operationsOf(document);
  const tagOf = ({ tags }: Operation): string => tags?.[0] ?? "Other";
  const names = new Set([...(document.tags ?? []).map(({ name }) => name), ...operations.map(tagOf)]);
  const groups = [...names].map((name) => [name, operations.filter((each) => tagOf(each) === name)] as const);
  return new Map(groups.filter(([, members]) => members.length > 0));
}

/** Gives what a reference points to, or the value itself. Throws when nothing is there. */
export type Resolve = <T extends object>(value: T | Reference) => T;

export function createResolve(document: OpenapiDocument): Resolve {
  return <T extends object>(value: T | Reference): T => {
    if (!isReference(value)) return value;
    let target: unknown = document;
    for (const key of value.$ref.replace(/^#\//, "").split("/")) target = memberOf(target, key);
    if (typeof target !== "object" || target === null) throw new Error(`${value.$ref} points to nothing.`);
    return target as T;
  };
}

function memberOf(target: unknown, key: string): unknown {
  if (typeof target !== "object" || target === null) return undefined;
  const name = key.replaceAll("~1", "/").replaceAll("~0", "~");
  return Object.entries(target).find(([member]) => member === name)?.[1];
}

export function isReference(value: object): value is Reference {
  return "$ref" in value && typeof value.$ref === "string";
}

/** `User` of `#/components/schemas/User`. */
export function nameOf({ $ref }: Reference): string {
  return $ref.slice($ref.lastIndexOf("/") + 1);
}
