import { createUsersClient, type UsersClient, type UsersClientOptions } from "../../../client/src/index.ts";

export const USER = {
  id: "01932f2e-9d5a-7c31-b3f4-2f6f3c9d8a10",
  username: "jdoe",
  email: "jdoe@example.com",
  full_name: "John Doe",
  created_at: "2026-01-31T12:00:00.000Z",
  updated_at: "2026-01-31T12:00:00.000Z",
};

/** What the service does with one request. */
export type Reply = (request: SentRequest) => Response | Promise<Response>;

/** A request as it arrived. */
export interface SentRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Headers;
  readonly body: unknown;
  readonly signal: AbortSignal;
}

export interface FakeService {
  readonly client: UsersClient;
  /** The requests so far. */
  readonly sent: readonly SentRequest[];
  /** The waits so far, in milliseconds; they pass at once. */
  readonly waits: readonly number[];
}

export function userAnswer(user: object = USER, { etag = '"1"', status = 200, headers = {} } = {}): Response {
  return Response.json(user, { status, headers: { ETag: etag, ...headers } });
}

/** What every problem of the fake says of its trace. */
export const TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736";

export function problemAnswer(status: number, code: string, headers: Record<string, string> = {}, more = {}): Response {
  const problem = {
    type: `/problems/${code}`,
    title: "Title",
    status,
    detail: "Detail.",
    instance: "/",
    request_id: "r1",
    trace_id: TRACE_ID,
  };
  return Response.json({ ...problem, ...more }, { status, headers });
}

export function refuseConnection(): never {
  throw new TypeError("fetch failed", { cause: new Error("ECONNREFUSED") });
}

/**
 * A client whose service gives the replies one after the other, the last one from then on. Its clock moves by its waits
 * only, and its jitter is always the most, unless `options` say otherwise.
 */
export function fakeService(replies: readonly Reply[], options: Partial<UsersClientOptions> = {}): FakeService {
  const sent: SentRequest[] = [];
  const waits: number[] = [];
  let nowMs = Date.UTC(2026, 0, 31, 12);
  const client = createUsersClient({
    baseUrl: "https://users.test",
    fetch: async (request) => {
      const { method, headers, signal, url } = request;
      const text = await request.text();
      const body: unknown = text === "" ? null : JSON.parse(text);
      const arrived = { method, path: url.slice("https://users.test".length), headers, body, signal };
      const reply = replies[Math.min(sent.length, replies.length - 1)];
      sent.push(arrived);
      if (reply === undefined) throw new Error("a fake service needs a reply");
      return await reply(arrived);
    },
    sleep: async (ms) => {
      waits.push(ms);
      nowMs += ms;
    },
    now: () => nowMs,
    random: () => 1,
    newIdempotencyKey: () => `key-${sent.length + 1}`,
    ...options,
  });
  return { client, sent, waits };
}
