import { Agent } from "node:http";

import { type PlainAnswer, type PlainRequest, sendPlain } from "../../net/plain-request.ts";
import type { ApiVersion } from "../stack/start-stack.ts";
import { Ledger } from "./ledger.ts";

/** A request to one version of the API. */
export interface Sending {
  readonly version: ApiVersion;
  readonly request: PlainRequest & { readonly route: string };
  /** Any when absent. */
  readonly expected?: number;
}

/** Sends requests, and keeps account of every answer. */
export interface Client {
  readonly ledger: Ledger;
  /** Answers that were not as expected, described. */
  readonly surprises: readonly string[];
  send(sending: Sending): Promise<PlainAnswer>;
  /** All of them, so many at the same time. */
  sendAll(sendings: Iterable<Sending>, concurrency: number, signal: AbortSignal): Promise<void>;
}

export function createClient(): Client {
  // One connection each. One that is kept is closed by the server when we, on a machine full of work, do not come to use it for some
  // seconds; of a request that is on its way then nobody can say whether it was counted.
  const agent = new Agent({ keepAlive: false });
  const ledger = new Ledger();
  const surprises: string[] = [];
  const send = async ({ version, request, expected }: Sending): Promise<PlainAnswer> => {
    const { route, ...plain } = request;
    const answer = await sendPlain(version.origin, plain, agent);
    const status = String(answer.status);
    ledger.note(
      { method: plain.method, route, status, version_id: version.id, version_tag: version.tag },
      answer.durationMs,
    );
    if (expected !== undefined && answer.status !== expected)
      surprises.push(`${plain.method} ${plain.path}: ${status} instead of ${expected}`);
    return answer;
  };
  return {
    ledger,
    surprises,
    send,
    async sendAll(sendings, concurrency, signal) {
      const queue = sendings[Symbol.iterator]();
      const work = async (): Promise<void> => {
        for (let next = queue.next(); !next.done; next = queue.next()) {
          signal.throwIfAborted();
          await send(next.value);
        }
      };
      await Promise.all(Array.from({ length: concurrency }, work));
    },
  };
}
