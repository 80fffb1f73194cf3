import { Agent } from "node:http";

import { type PlainRequest, sendPlain } from "../../tools/net/plain-request.ts";

export type { PlainRequest };

/** Sends all of them, so many at the same time, each once; gives how often each status came. @throws Error when one is not answered */
export async function sendMany(origin: URL, requests: readonly PlainRequest[], concurrency: number) {
  const agent = new Agent({ keepAlive: true, maxSockets: concurrency, scheduling: "fifo" });
  const statuses = new Map<number, number>();
  const queue = requests.values();
  const work = async (): Promise<void> => {
    for (const plain of queue) {
      const { status } = await sendPlain(origin, plain, agent);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
  };
  try {
    await Promise.all(Array.from({ length: concurrency }, work));
    return statuses;
  } finally {
    agent.destroy();
  }
}
