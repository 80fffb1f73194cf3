import { type OpenapiDocument, operationsOf } from "../document.ts";
import type { Finding } from "./finding.ts";
import { compareOperations } from "./operations.ts";
import { compareSecurity, compareSecuritySchemes } from "./security.ts";

export type { Finding } from "./finding.ts";

/**
 * Every change from one OpenAPI document to the next that can break a client of the older one. Additions are harmless:
 * new paths, operations, optional inputs, response members, statuses and headers.
 *
 * Ours because the maintained tools (oasdiff, openapi-changes) are Go programs that npm would download while it installs,
 * and the libraries for JavaScript do not read OpenAPI 3.1.
 */
export function findBreakingChanges(before: OpenapiDocument, after: OpenapiDocument): Finding[] {
  const inPaths = Object.entries(before.paths ?? {}).flatMap(([path, item]): Finding[] => {
    const current = after.paths?.[path];
    if (current === undefined) return [{ kind: "path-removed", place: path, message: "the path is gone" }];
    const operations = operationsOf(current);
    return Object.entries(operationsOf(item)).flatMap(([method, operation]): Finding[] => {
      const place = `${method.toUpperCase()} ${path}`;
      const successor = operations[method];
      if (successor === undefined) return [{ kind: "operation-removed", place, message: "the operation is gone" }];
      return [
        ...compareOperations({ before, after }, operation, successor, place),
        ...compareSecurity({ before, after }, operation, successor, place),
      ];
    });
  });
  return [...inPaths, ...compareSecuritySchemes(before, after)];
}

/** Whether the version says that clients have to change: its major part was raised. */
export function isMajorRaised(before: OpenapiDocument, after: OpenapiDocument): boolean {
  return majorOf(after) > majorOf(before);
}

function majorOf({ info }: OpenapiDocument): number {
  const [, major] = /^(\d+)\.\d+\.\d+$/.exec(info?.version ?? "") ?? [];
  if (major === undefined) throw new Error(`info.version is not a semantic version: ${info?.version}`);
  return Number(major);
}
