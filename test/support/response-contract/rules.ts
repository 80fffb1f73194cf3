import type {
  MediaTypeObject,
  OpenapiDocument,
  OperationObject,
  ResponseObject,
} from "../../../tools/openapi/document.ts";
import { allowedMethods, findPath, type PathEntry } from "./document.ts";
import type { Answer, Fault } from "./schemas.ts";

/** What a response has to be: from the document, or from its prose where OpenAPI has no place for it. */
export interface Expectation {
  /** Names the operation in messages. */
  readonly operation: string;
  readonly response: ResponseObject | null;
  /** Faults that are certain before the response is looked at more closely. */
  readonly faults: readonly Fault[];
}

/** Says of a request that has an answer with this status what the answer has to be. */
export function expectationFor(
  document: OpenapiDocument,
  method: string,
  pathname: string,
  { status, headers }: Answer,
): Expectation {
  const path = findPath(document, pathname);
  if (path === null) return { operation: `${method} ${pathname}`, ...unknownPath(status) };
  const operation = operationOf(path, method);
  if (operation === null)
    return { operation: `${method} ${path.template}`, ...methodAnswer(path, method, status, headers) };
  const { operationId = "no operationId", responses = {} } = operation;
  const response = responses[String(status)] ?? null;
  const documented = Object.keys(responses).join(", ");
  const faults = response === null ? [statusFault(`is not documented; there are ${documented}`)] : [];
  return { operation: `${method} ${path.template} (${operationId})`, response, faults };
}

function operationOf({ operations }: PathEntry, method: string): OperationObject | null {
  return operations[method.toLowerCase()] ?? (method === "HEAD" ? operations["get"] : undefined) ?? null;
}

function methodAnswer(path: PathEntry, method: string, status: number, headers: Headers): Unnamed {
  const expected = method === "OPTIONS" ? optionsAnswer(status) : wrongMethod(status);
  const allow = status === 500 ? [] : allowFaults(headers.get("Allow"), allowedMethods(path));
  return { ...expected, faults: [...expected.faults, ...allow] };
}

type Unnamed = Omit<Expectation, "operation">;

const statusFault = (reason: string): Fault => ({ place: "status", reason });

function unknownPath(status: number): Unnamed {
  return problemOrFault(status, 404, "route-not-found", "an unknown path is 404");
}

function wrongMethod(status: number): Unnamed {
  return problemOrFault(status, 405, "method-not-allowed", "a method that the path does not have is 405");
}

function optionsAnswer(status: number): Unnamed {
  if (status === 204) return { response: {}, faults: [] };
  return problemOrFault(status, 204, "internal-error", "OPTIONS on a known path is 204");
}

/** A fault of the service itself may hit any request, be it one that no operation describes. */
function problemOrFault(status: number, expected: number, code: string, rule: string): Unnamed {
  if (status === 500) return { response: problemOf("internal-error"), faults: [] };
  return { response: problemOf(code), faults: status === expected ? [] : [statusFault(rule)] };
}

function problemOf(code: string): ResponseObject {
  const problem: MediaTypeObject = { schema: { $ref: "#/components/schemas/Problem" }, examples: { [code]: {} } };
  return { content: { "application/problem+json": problem } };
}

function allowFaults(allow: string | null, methods: readonly string[]): readonly Fault[] {
  const listed = (allow ?? "").split(", ").toSorted().join(", ");
  const wanted = methods.join(", ");
  return listed === wanted ? [] : [{ place: "header Allow", reason: `is ${allow ?? "missing"}, not ${wanted}` }];
}
