import { type Call, createClient } from "../../rehearsal/load/client.ts";
import type { Fields } from "../history.ts";
import type { Answer, Operation } from "./answer.ts";
import type { Book } from "./book.ts";

/** The operations of the API, each one request; null when it got no answer. Never rejects. */
export interface Api {
  create(username: string, fields: Required<Fields>, key: string | null): Promise<Answer | null>;
  /** @param version that of `If-Match`; null for a change of whatever there is */
  change(id: string, fields: Fields, version: number | null): Promise<Answer | null>;
  delete(id: string, version: number | null): Promise<Answer | null>;
  readById(id: string): Promise<Answer | null>;
  readByUsername(username: string): Promise<Answer | null>;
  listByPrefix(prefix: string): Promise<Answer | null>;
  close(): void;
}

export interface ApiOptions {
  readonly origin: string;
  readonly apiKey: string;
  readonly book: Book;
}

const USERS = "/api/v1/users";
/** Three times the deadline of a request: who waits longer waits in vain. */
const TIMEOUT_MS = 15_000;
/** workerd closes what has been idle for 5 s, perhaps just when the next request is on its way. */
const IDLE_MS = 2_000;
const JSON_TYPE = { "Content-Type": "application/json" };

export function createApi({ origin, apiKey, book }: ApiOptions): Api {
  const client = createClient({ origin, timeoutMs: TIMEOUT_MS, idleMs: IDLE_MS });
  const send = async (operation: Operation, { headers, ...call }: Call): Promise<Answer | null> =>
    book.add(operation, await client.send({ ...call, headers: { "X-API-Key": apiKey, ...headers } }, false));
  return {
    create: (username, fields, key) =>
      send("create", {
        method: "POST",
        path: USERS,
        headers: { ...JSON_TYPE, ...(key === null ? {} : { "Idempotency-Key": `"${key}"` }) },
        body: JSON.stringify({ username, ...toBody(fields) }),
      }),
    change: (id, fields, version) =>
      send("change", {
        method: "PATCH",
        path: `${USERS}/id/${id}`,
        headers: { ...JSON_TYPE, ...ifMatch(id, version) },
        body: JSON.stringify(toBody(fields)),
      }),
    delete: (id, version) =>
      send("delete", { method: "DELETE", path: `${USERS}/id/${id}`, headers: ifMatch(id, version) }),
    readById: (id) => send("read", { method: "GET", path: `${USERS}/id/${id}` }),
    readByUsername: (username) => send("read", { method: "GET", path: `${USERS}/username/${username}` }),
    listByPrefix: (prefix) => send("list", { method: "GET", path: `${USERS}?username=${prefix}&limit=100` }),
    close: () => client.close(),
  };
}

function toBody({ email, fullName }: Fields): Record<string, string> {
  return { ...(email === undefined ? {} : { email }), ...(fullName === undefined ? {} : { full_name: fullName }) };
}

function ifMatch(id: string, version: number | null): Record<string, string> {
  return version === null ? {} : { "If-Match": `"${id}.${version}"` };
}
