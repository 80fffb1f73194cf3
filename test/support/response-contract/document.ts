import { type OpenapiDocument, type OperationObject, operationsOf, resolve } from "../../../tools/openapi/document.ts";

/** What the document says about a path. */
export interface PathEntry {
  readonly template: string;
  readonly operations: Readonly<Record<string, OperationObject>>;
}

/** The path of the document that a request's path belongs to; a fixed segment wins over a parameter. */
export function findPath(document: OpenapiDocument, pathname: string): PathEntry | null {
  const path = decode(pathname);
  const paths = document.paths ?? {};
  const [template] = Object.keys(paths)
    .filter((candidate) => toPattern(candidate).test(path))
    .toSorted((a, b) => countParameters(a) - countParameters(b));
  if (template === undefined) return null;
  return { template, operations: operationsOf(paths[template]) };
}

/** What `Allow` has to say for a path: its methods, HEAD where there is GET, and OPTIONS. */
export function allowedMethods({ operations }: PathEntry): readonly string[] {
  const methods = Object.keys(operations).map((method) => method.toUpperCase());
  return [...new Set([...methods, ...(methods.includes("GET") ? ["HEAD"] : []), "OPTIONS"])].toSorted();
}

/** Names of the headers that every single response of the document has. */
export function universalHeaders(document: OpenapiDocument): readonly string[] {
  const responses = Object.values(document.paths ?? {})
    .flatMap((item) => Object.values(operationsOf(item)))
    .flatMap((operation) => Object.values(operation.responses ?? {}));
  const [first, ...others] = responses.map((response) => Object.keys(resolve(document, response).headers ?? {}));
  return (first ?? []).filter((name) => others.every((names) => names.includes(name)));
}

/** As the router does it: escapes of reserved characters stay, so that an encoded slash separates nothing. */
function decode(pathname: string): string {
  try {
    return decodeURI(pathname);
  } catch {
    return pathname;
  }
}

function toPattern(template: string): RegExp {
  const parts = template.split(/\{[^}]*\}/).map((text) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`));
  return new RegExp(`^${parts.join("[^/]+")}$`);
}

function countParameters(template: string): number {
  return template.split("{").length;
}
