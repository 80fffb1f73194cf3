import type { IncomingMessage, ServerResponse } from "node:http";

import { z } from "zod";

import { isLocalRequest } from "../../../net/local-request.ts";
import { ApiError, badRequest, refuse } from "../http/api-error.ts";
import { readJson } from "../http/body.ts";
import type { CallLog } from "./call-log.ts";
import type { EmulatorFaults } from "./emulator-faults.ts";

/** Where the control of the emulator is, on the port of the API; Cloudflare has nothing below it. */
export const ADMIN_PREFIX = "/__emulator/";

const cronSchema = z.strictObject({ script: z.string(), cron: z.string() });
const evictSchema = z.strictObject({ script: z.string() });

export interface AdminTarget {
  readonly calls: CallLog;
  readonly faults: EmulatorFaults;
  /** Everything that is known, without secrets. */
  state(): object;
  /** Gives the outcome. */
  runCron(script: string, cron: string): Promise<string>;
  evictObjects(script: string): Promise<void>;
}

export interface AdminRequest {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Path below the prefix. */
  readonly action: string;
  readonly body: Buffer;
}

/** Answers `GET|DELETE calls`, `GET|POST|DELETE faults`, `GET state`, `POST cron` and `POST evict`, to loopback clients only. */
export async function handleAdmin(
  target: AdminTarget,
  { request, response, action, body }: AdminRequest,
): Promise<void> {
  try {
    if (!isLocalRequest(request)) throw refuse(403, "authentication", "loopback clients only");
    const run = actionsOf(target, body)[`${request.method} ${action}`];
    if (run === undefined)
      throw refuse(404, "noRoute", `the emulator's control does not know ${request.method} ${action}`);
    reply(response, 200, await run());
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    reply(response, error instanceof ApiError ? error.status : 500, { message });
  }
}

function actionsOf(target: AdminTarget, body: Buffer): Record<string, () => unknown> {
  const { calls, faults } = target;
  return {
    "GET calls": () => calls.list(),
    "DELETE calls": () => {
      calls.clear();
      return [];
    },
    "GET faults": () => faults.list(),
    "POST faults": () => {
      const value = readJson(z.unknown(), body);
      for (const fault of Array.isArray(value) ? value : [value]) faults.add(fault);
      return faults.list();
    },
    "DELETE faults": () => {
      faults.clear();
      return faults.list();
    },
    "GET state": () => target.state(),
    "POST cron": async () => {
      const { script, cron } = readJson(cronSchema, body);
      return { outcome: await orBadRequest(() => target.runCron(script, cron)) };
    },
    "POST evict": async () => {
      const { script } = readJson(evictSchema, body);
      await orBadRequest(() => target.evictObjects(script));
      return { outcome: "ok" };
    },
  };
}

async function orBadRequest<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw badRequest(error instanceof Error ? error.message : String(error));
  }
}

function reply(response: ServerResponse, status: number, payload: unknown): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(payload));
}
