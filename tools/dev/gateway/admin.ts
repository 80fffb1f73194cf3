import type { IncomingMessage, ServerResponse } from "node:http";

import { isLocalRequest } from "../../net/local-request.ts";
import { jsonAnswer, send } from "./answer.ts";
import { type Fault, parseFault } from "./faults.ts";
import { readBody } from "./request-body.ts";

/** Where the control interface lives; Neon has nothing below it. */
export const ADMIN_PREFIX = "/_gateway/";

const MAX_ADMIN_BYTES = 65_536; // Far above any list of faults a test writes.

export interface AdminTarget {
  readonly stats: object;
  resetStats(): void;
  inject(fault: Fault): void;
  /** Those that can still hit. */
  listFaults(): readonly Fault[];
  clearFaults(): void;
}

/** Answers `GET stats`, `POST stats/reset`, `GET`, `PUT` (one or a list) and `DELETE faults`, to loopback clients only. */
export async function handleAdmin(
  target: AdminTarget,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (!isLocalRequest(request)) return refuse(response, 403, "loopback clients only");
  const action = actionsOf(target, request)[`${request.method} ${(request.url ?? "").slice(ADMIN_PREFIX.length)}`];
  if (action === undefined) return refuse(response, 404, "unknown control path");
  try {
    const answer = await action();
    send(response, jsonAnswer(200, JSON.stringify(answer ?? target.stats)));
  } catch (error) {
    refuse(response, 400, error instanceof Error ? error.message : String(error));
  }
}

/** What is not asked for something in particular is answered with the counters. */
type Action = () => object | void | Promise<void>;

function actionsOf(target: AdminTarget, request: IncomingMessage): Record<string, Action> {
  return {
    "GET stats": () => undefined,
    "POST stats/reset": () => target.resetStats(),
    "GET faults": () => target.listFaults(),
    "PUT faults": async () => {
      const body: unknown = JSON.parse(await readBody(request, MAX_ADMIN_BYTES));
      const faults = (Array.isArray(body) ? body : [body]).map(parseFault);
      for (const fault of faults) target.inject(fault);
    },
    "DELETE faults": () => target.clearFaults(),
  };
}

function refuse(response: ServerResponse, status: number, message: string): void {
  send(response, jsonAnswer(status, JSON.stringify({ message })));
}
