import { Agent, request } from "node:http";

export interface PlainRequest {
  readonly method: string;
  /** Reaches the server as it is. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Sends all of them, so many at the same time, each once; gives how often each status came. Connections take turns, so that none of
 * them is idle until the server closes it: whether a request on such a one was answered, nobody could say.
 * @throws Error when one is not answered
 */
export async function sendMany(origin: URL, requests: readonly PlainRequest[], concurrency: number) {
  const agent = new Agent({ keepAlive: true, maxSockets: concurrency, scheduling: "fifo" });
  const statuses = new Map<number, number>();
  const queue = requests.values();
  const work = async (): Promise<void> => {
    for (const plain of queue) {
      const status = await send(origin, plain, agent);
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

function send({ hostname, port }: URL, plain: PlainRequest, agent: Agent): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const startedAt = performance.now();
  const fail = (cause: Error): void => {
    const detail = `after ${Math.round(performance.now() - startedAt)} ms, reused ${outgoing.reusedSocket}`;
    reject(new Error(`${plain.method} ${plain.path}: ${cause.message}, ${detail}`, { cause }));
  };
  const outgoing = request({ hostname, port, agent, ...plain }, (response) => {
    response.once("error", fail).once("end", () => resolve(response.statusCode ?? 0));
    response.resume();
  });
  outgoing.once("error", fail).end();
  return promise;
}
