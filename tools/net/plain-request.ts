import { type Agent, type IncomingHttpHeaders, request } from "node:http";

export interface PlainRequest {
  readonly method: string;
  /** Reaches the server as it is. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface PlainAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Milliseconds until the whole answer was there. */
  readonly durationMs: number;
}

/**
 * Sends a request once and reads its answer to the end: whoever counts must know that nothing was sent again. An agent that keeps
 * connections wants `scheduling: "fifo"`, or some grow idle until the server closes them, and nobody can say what became of their next request.
 * @throws Error when it is not answered
 */
export function sendPlain(origin: URL, plain: PlainRequest, agent: Agent): Promise<PlainAnswer> {
  const { hostname, port } = origin;
  const { body, ...options } = plain;
  const { promise, resolve, reject } = Promise.withResolvers<PlainAnswer>();
  const startedAt = performance.now();
  const fail = (cause: Error): void => {
    const detail = `after ${Math.round(performance.now() - startedAt)} ms, reused ${outgoing.reusedSocket}`;
    reject(new Error(`${plain.method} ${plain.path}: ${cause.message}, ${detail}`, { cause }));
  };
  const outgoing = request({ hostname, port, agent, ...options }, (response) => {
    const { statusCode: status = 0, headers } = response;
    response
      .once("error", fail)
      .once("end", () => resolve({ status, headers, durationMs: performance.now() - startedAt }));
    response.resume();
  });
  outgoing.once("error", fail).end(body);
  return promise;
}
