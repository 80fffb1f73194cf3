import {
  type MediaTypeObject,
  type OpenapiDocument,
  resolve,
  type ResponseObject,
} from "../../../tools/openapi/document.ts";
import { universalHeaders } from "./document.ts";
import type { Answer, Fault, SchemaCheck } from "./schemas.ts";

/** Said in the document's prose, since OpenAPI would have it repeated at each of a hundred responses. */
const PROSE_HEADERS = [
  "Strict-Transport-Security",
  "X-Content-Type-Options",
  "Content-Security-Policy",
  "Referrer-Policy",
];

const mediaTypeOf = (contentType: string): string => contentType.split(";", 1).join().trim().toLowerCase();
const isJson = (mediaType: string): boolean => /^application\/(?:.+\+)?json$/.test(mediaType);

/** Documented headers are there when they are required, obey their schemas, and no other documented one is sent. */
export function checkHeaders(
  document: OpenapiDocument,
  expected: ResponseObject,
  { headers }: Answer,
  checkSchema: SchemaCheck,
): Fault[] {
  const known = document.components?.headers ?? {};
  const universal = universalHeaders(document).map((name) => [name, known[name] ?? { required: true }] as const);
  const documented = { ...Object.fromEntries(universal), ...expected.headers };
  const faults = Object.entries(documented).flatMap(([name, reference]) => {
    const { required = false, schema = {} } = resolve(document, reference);
    const value = headers.get(name);
    if (value === null) return required ? [{ place: `header ${name}`, reason: "is missing" }] : [];
    return checkSchema(schema, coerce(schema, value), `header ${name}`);
  });
  const undocumented = Object.keys(known)
    .filter((name) => headers.has(name) && !Object.hasOwn(documented, name))
    .map((name) => ({ place: `header ${name}`, reason: "is documented for other responses, not for this one" }));
  const missing = PROSE_HEADERS.filter((name) => !headers.has(name));
  return [...faults, ...undocumented, ...missing.map((name) => ({ place: `header ${name}`, reason: "is missing" }))];
}

/** Headers are text on the wire; those whose schema is a number are checked as numbers. */
function coerce(schema: object, value: string): unknown {
  const isNumber = "type" in schema && (schema.type === "integer" || schema.type === "number");
  return isNumber && /^-?\d+(?:\.\d+)?$/.test(value) ? Number(value) : value;
}

/** There is a body exactly where one is documented, and none for HEAD. */
export function checkPresence(method: string, expected: ResponseObject, response: Answer, text: string): Fault[] {
  const contentType = response.headers.get("Content-Type");
  if (expected.content === undefined) {
    if (text !== "") return [{ place: "body", reason: "is there, but none is documented" }];
    return contentType === null
      ? []
      : [{ place: "header Content-Type", reason: "is there, but no body is documented" }];
  }
  if (method === "HEAD" && text !== "") return [{ place: "body", reason: "is there in an answer to HEAD" }];
  const mediaType = mediaTypeOf(contentType ?? "");
  if (Object.hasOwn(expected.content, mediaType)) return [];
  const documented = Object.keys(expected.content).join(", ");
  return [{ place: "header Content-Type", reason: `is ${contentType ?? "missing"}; documented: ${documented}` }];
}

/** The body obeys its schema, and a problem agrees with the response that carries it. */
export function checkBody(expected: ResponseObject, response: Answer, text: string, checkSchema: SchemaCheck): Fault[] {
  const mediaType = mediaTypeOf(response.headers.get("Content-Type") ?? "");
  const media = expected.content?.[mediaType];
  if (media?.schema === undefined) return [];
  if (!isJson(mediaType)) return [...checkSchema(media.schema, text, "body")];
  const parsed = parse(text);
  if (parsed === null) return [{ place: "body", reason: "is not JSON" }];
  const inProblem = mediaType === "application/problem+json" ? checkProblem(media, response, parsed.value) : [];
  return [...checkSchema(media.schema, parsed.value, "body"), ...inProblem];
}

function parse(text: string): { readonly value: unknown } | null {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return null;
  }
}

function checkProblem({ examples }: MediaTypeObject, { status, headers }: Answer, body: unknown): Fault[] {
  const problem = new Map<string, unknown>(typeof body === "object" && body !== null ? Object.entries(body) : []);
  const faults: Fault[] = [];
  const say = (member: string, reason: string) => void faults.push({ place: `body/${member}`, reason });
  if (problem.get("status") !== status)
    say("status", `is ${String(problem.get("status"))}, but the response is ${status}`);
  if (problem.get("request_id") !== headers.get("X-Request-ID")) say("request_id", "differs from X-Request-ID");
  if (problem.get("trace_id") !== headers.get("traceparent")?.split("-")[1])
    say("trace_id", "differs from traceparent");
  const types = Object.keys(examples ?? {}).map((code) => `/problems/${code}`);
  if (types.length > 0 && !types.some((type) => type === problem.get("type")))
    say("type", `is ${String(problem.get("type"))}; documented: ${types.join(", ")}`);
  return faults;
}
