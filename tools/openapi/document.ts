// As much of an OpenAPI 3.1 document as the checks read. Also used where tests run in workerd: no `node:` modules here.

export interface Reference {
  readonly $ref?: string;
}

export interface HeaderObject extends Reference {
  readonly required?: boolean;
  readonly schema?: object;
}

export interface MediaTypeObject {
  readonly schema?: object;
  readonly examples?: Readonly<Record<string, unknown>>;
}

export type Content = Readonly<Record<string, MediaTypeObject>>;

export interface ResponseObject extends Reference {
  readonly headers?: Readonly<Record<string, HeaderObject>>;
  readonly content?: Content;
}

export interface ParameterObject extends Reference {
  readonly name?: string;
  readonly in?: string;
  readonly required?: boolean;
  readonly schema?: object;
}

export interface RequestBodyObject extends Reference {
  readonly required?: boolean;
  readonly content?: Content;
}

/** One way to be let in: every scheme of it is needed, each with its scopes. */
export type SecurityRequirement = Readonly<Record<string, readonly string[]>>;

export interface OperationObject {
  readonly operationId?: string;
  readonly parameters?: readonly ParameterObject[];
  readonly requestBody?: RequestBodyObject;
  readonly responses?: Readonly<Record<string, ResponseObject>>;
  readonly security?: readonly SecurityRequirement[];
}

/** Operations by method, beside members that are none. */
export type PathItem = Readonly<Record<string, OperationObject>>;

export interface OpenapiDocument {
  readonly info?: { readonly version?: string };
  readonly paths?: Readonly<Record<string, PathItem>>;
  readonly security?: readonly SecurityRequirement[];
  readonly components?: {
    readonly schemas?: Readonly<Record<string, object>>;
    readonly headers?: Readonly<Record<string, HeaderObject>>;
    readonly securitySchemes?: Readonly<Record<string, object>>;
  };
}

const METHODS = new Set(["get", "put", "post", "delete", "patch", "head", "options", "trace", "query"]);

/** The operations of a path by their methods, in lower case. */
export function operationsOf(item: PathItem = {}): Readonly<Record<string, OperationObject>> {
  return Object.fromEntries(Object.entries(item).filter(([method]) => METHODS.has(method)));
}

/** Follows a reference inside the document to its end. */
export function resolve<Target extends object>(document: OpenapiDocument, target: Target & Reference): Target {
  if (typeof target.$ref !== "string") return target;
  const keys = target.$ref.split("/").slice(1);
  const found = keys.reduce<unknown>((node, key) => memberOf(node, unescape(key)), document);
  if (typeof found !== "object" || found === null) throw new Error(`${target.$ref} is not in the document`);
  return resolve(document, found as Target);
}

function memberOf(node: unknown, key: string): unknown {
  return typeof node === "object" && node !== null
    ? new Map<string, unknown>(Object.entries(node)).get(key)
    : undefined;
}

function unescape(key: string): string {
  return key.replaceAll("~1", "/").replaceAll("~0", "~");
}
