import type { IncomingMessage, ServerResponse } from "node:http";
import { buffer } from "node:stream/consumers";

import type { KvEntry, KvNamespaces } from "../../kv/kv-namespaces.ts";

/** What the runtime's KV bindings and the service behind them call things. */
const METADATA = "cf-kv-metadata";
const EXPIRATION = "cf-expiration";
const MAX_KEYS = 1_000;

/** Answers what a Worker does with a namespace: get, put, delete and list, in the runtime's own terms. Reads of several keys at once are refused. */
export async function answerKv(
  request: IncomingMessage,
  response: ServerResponse,
  { kv, now }: { readonly kv: KvNamespaces; readonly now: () => number },
): Promise<void> {
  const id = String(request.headers["x-emulator-namespace"]);
  const { pathname, searchParams: query } = new URL(request.url ?? "/", "http://kv");
  const key = query.get("urlencoded") === "true" ? decodeURIComponent(pathname.slice(1)) : pathname.slice(1);
  if (request.method === "GET" && key === "")
    return sendKeys(response, kv.entries(id, query.get("prefix") ?? ""), query);
  if (request.method === "GET") return sendValue(response, kv.get(id, key));
  if (request.method === "DELETE") {
    await kv.delete(id, key);
    return void response.writeHead(204).end();
  }
  if (request.method !== "PUT") return void response.writeHead(501).end("The emulator reads one key at a time");
  const isStored = await kv.put(id, { key, ...(await readEntry(request)), expiration: readExpiration(query, now) });
  response.writeHead(isStored ? 204 : 404).end();
}

async function readEntry(request: IncomingMessage): Promise<Pick<KvEntry, "value" | "metadata">> {
  const metadata = request.headers[METADATA];
  return {
    value: await buffer(request),
    metadata: metadata === undefined ? null : JSON.parse(String(metadata)),
  };
}

function sendValue(response: ServerResponse, entry: KvEntry | null): void {
  if (entry === null) return void response.writeHead(404).end();
  const { value, metadata, expiration } = entry;
  response.writeHead(200, {
    ...(metadata === null ? {} : { [METADATA]: JSON.stringify(metadata) }),
    ...(expiration === null ? {} : { [EXPIRATION]: String(expiration) }),
  });
  response.end(value);
}

/** The cursor is the last key before it. */
function sendKeys(response: ServerResponse, entries: readonly KvEntry[], query: URLSearchParams): void {
  const limit = Math.min(Number(query.get("key_count_limit") ?? MAX_KEYS), MAX_KEYS);
  const cursor = query.get("cursor") ?? "";
  const from = cursor === "" ? 0 : entries.findIndex(({ key }) => key === cursor) + 1;
  const page = entries.slice(from, from + limit);
  const isComplete = from + limit >= entries.length;
  response.writeHead(200, { "Content-Type": "application/json" });
  response.end(
    JSON.stringify({
      keys: page.map(({ key, expiration, metadata }) => ({
        name: key,
        ...(expiration === null ? {} : { expiration }),
        ...(metadata === null ? {} : { metadata }),
      })),
      list_complete: isComplete,
      ...(isComplete ? {} : { cursor: page.at(-1)?.key }),
    }),
  );
}

/** The runtime has looked at both. */
function readExpiration(query: URLSearchParams, now: () => number): number | null {
  const [at, after] = [query.get("expiration"), query.get("expiration_ttl")];
  if (after !== null) return Math.floor(now() / 1_000) + Number(after);
  return at === null ? null : Number(at);
}
