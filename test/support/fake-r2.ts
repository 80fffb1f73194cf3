import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { buffer } from "node:stream/consumers";

import { closeServer, listen } from "../../tools/net/listen.ts";

const R2_ACCOUNT = "0123456789abcdef0123456789abcdef";
const R2_TOKEN = "r2-token-of-the-tests";

/** The objects part of R2's REST API, as far as `wrangler r2 object` uses it, over real HTTP. */
export interface FakeR2 {
  /** What a command needs to talk to it. */
  readonly environment: Readonly<Record<string, string>>;
  /** By bucket and key: `backups/production/latest.json`. */
  readonly objects: Map<string, Buffer>;
  /** Every call: `PUT backups/production/latest.json`. */
  readonly calls: string[];
  /** A call for a place of which this is a part is refused with 403. */
  refuse(part: string): void;
  close(): Promise<void>;
}

const REFUSAL = JSON.stringify({ success: false, errors: [{ code: 10_000, message: "Authentication error" }] });
const OBJECT = /^\/client\/v4\/accounts\/([^/]+)\/r2\/buckets\/(([^/]+)\/objects\/(.+))$/;

/** Starts it with one bucket. */
export async function startFakeR2(bucket: string): Promise<FakeR2> {
  const objects = new Map<string, Buffer>();
  const calls: string[] = [];
  const refused: string[] = [];
  const decide = (
    method: string | undefined,
    place: string,
    body: Buffer,
  ): [status: number, content: Buffer | string] => {
    if (refused.some((part) => place.includes(part))) return [403, REFUSAL];
    if (!place.startsWith(`${bucket}/`)) return [404, "no such bucket"];
    if (method === "PUT") objects.set(place, body);
    const object = objects.get(place);
    if (object === undefined) return [404, "no such object"];
    return [200, method === "PUT" ? "{}" : object];
  };
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await buffer(request);
    const [, account, , name, key = ""] = OBJECT.exec(request.url ?? "") ?? [];
    const place = `${name}/${decodeURIComponent(key)}`;
    calls.push(`${request.method} ${place}`);
    const isKnown = account === R2_ACCOUNT && request.headers.authorization === `Bearer ${R2_TOKEN}`;
    const [status, content] = isKnown ? decide(request.method, place, body) : [403, REFUSAL];
    response.writeHead(status).end(content);
  };
  const server = createServer((request, response) => void answer(request, response).catch(() => response.destroy()));
  const port = await listen(server, { port: 0 });
  return {
    environment: {
      CLOUDFLARE_API_BASE_URL: `http://127.0.0.1:${port}/client/v4`,
      CLOUDFLARE_ACCOUNT_ID: R2_ACCOUNT,
      CLOUDFLARE_API_TOKEN: R2_TOKEN,
    },
    objects,
    calls,
    refuse: (part) => void refused.push(part),
    close: () => closeServer(server),
  };
}
