import {
  type Content,
  type OpenapiDocument,
  type OperationObject,
  type ParameterObject,
  resolve,
} from "../document.ts";
import type { Direction, Finding } from "./finding.ts";
import { compareSchemas } from "./schemas.ts";

interface Documents {
  readonly before: OpenapiDocument;
  readonly after: OpenapiDocument;
}

/** Breaking changes of what an operation takes and of what it gives. */
export function compareOperations(
  documents: Documents,
  before: OperationObject,
  after: OperationObject,
  place: string,
): Finding[] {
  const isRenamed = before.operationId !== after.operationId;
  return [
    ...(isRenamed ? [{ kind: "operation-renamed", place, message: `operationId was ${before.operationId}` }] : []),
    ...compareParameters(documents, before, after, place),
    ...compareBodies(documents, before, after, place),
    ...compareResponses(documents, before, after, place),
  ];
}

function compareParameters(documents: Documents, before: OperationObject, after: OperationObject, place: string) {
  const had = parametersOf(documents.before, before);
  const has = parametersOf(documents.after, after);
  const findings = [...had].flatMap(([key, old]): Finding[] => {
    const at = `${place} ${key}`;
    const current = has.get(key);
    if (current === undefined) return [{ kind: "parameter-removed", place: at, message: "the parameter is gone" }];
    const isRaised = current.required === true && old.required !== true;
    return [
      ...(isRaised ? [{ kind: "parameter-required", place: at, message: "the parameter is required now" }] : []),
      ...compareSchemas({ ...documents, direction: "request" }, old.schema, current.schema, at),
    ];
  });
  const added = [...has]
    .filter(([key, { required }]) => required === true && !had.has(key))
    .map(([key]) => ({ kind: "parameter-required", place: `${place} ${key}`, message: "a new parameter is required" }));
  return [...findings, ...added];
}

function parametersOf(document: OpenapiDocument, { parameters = [] }: OperationObject) {
  const resolved = parameters.map((parameter) => resolve(document, parameter));
  return new Map<string, ParameterObject>(
    resolved.map((parameter) => [`${parameter.in} ${parameter.name}`, parameter]),
  );
}

function compareBodies(documents: Documents, before: OperationObject, after: OperationObject, place: string) {
  const at = `${place} request`;
  const had = before.requestBody === undefined ? null : resolve(documents.before, before.requestBody);
  const has = after.requestBody === undefined ? null : resolve(documents.after, after.requestBody);
  const isRaised = has?.required === true && had?.required !== true;
  return [
    ...(isRaised ? [{ kind: "body-required", place: at, message: "a body is required now" }] : []),
    ...compareContents(documents, "request", had?.content, has?.content, at),
  ];
}

function compareResponses(documents: Documents, before: OperationObject, after: OperationObject, place: string) {
  return Object.entries(before.responses ?? {}).flatMap(([status, response]): Finding[] => {
    const at = `${place} ${status}`;
    const current = after.responses?.[status];
    if (current === undefined) return [{ kind: "response-removed", place: at, message: "the status is gone" }];
    const [had, has] = [resolve(documents.before, response), resolve(documents.after, current)];
    return [
      ...compareHeaders(documents, had.headers ?? {}, has.headers ?? {}, at),
      ...compareContents(documents, "response", had.content, has.content, at),
    ];
  });
}

type Headers = NonNullable<NonNullable<OperationObject["responses"]>[string]["headers"]>;

function compareHeaders(documents: Documents, before: Headers, after: Headers, place: string) {
  return Object.entries(before).flatMap(([name, header]): Finding[] => {
    const at = `${place} header ${name}`;
    const current = after[name];
    if (current === undefined) return [{ kind: "header-removed", place: at, message: "the header is gone" }];
    const [had, has] = [resolve(documents.before, header), resolve(documents.after, current)];
    const isLowered = had.required === true && has.required !== true;
    return [
      ...(isLowered ? [{ kind: "header-optional", place: at, message: "the header may be absent now" }] : []),
      ...compareSchemas({ ...documents, direction: "response" }, had.schema, has.schema, at),
    ];
  });
}

function compareContents(
  documents: Documents,
  direction: Direction,
  before: Content = {},
  after: Content = {},
  place: string,
) {
  return Object.entries(before).flatMap(([mediaType, { schema }]): Finding[] => {
    const at = `${place} ${mediaType}`;
    const current = after[mediaType];
    if (current === undefined) return [{ kind: "media-type-removed", place: at, message: "the media type is gone" }];
    return compareSchemas({ ...documents, direction }, schema, current.schema, at);
  });
}
