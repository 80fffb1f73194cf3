import createClient, { type Client } from "openapi-fetch";

import { modify, settleDeletion, settleUpdate } from "./conditional.ts";
import { followEvents } from "./follow.ts";
import { quoteIdempotencyKey } from "./idempotency-key.ts";
import type { TaggedUser, User, UserPage, UserQuery } from "./models.ts";
import { resolveOptions, type Settings, type UsersClientOptions } from "./options.ts";
import { walkUsers } from "./paging.ts";
import { backoffMs } from "./retry.ts";
import type { paths } from "./schema.ts";
import { createSend } from "./send.ts";
import type { CallOptions, UsersClient } from "./users-client.ts";

const DEFAULT_MODIFY_ATTEMPTS = 10;
const MERGE_PATCH = "application/merge-patch+json";

/**
 * Creates a client of the users API; holds no connection and needs no closing.
 * @throws TypeError when `baseUrl` is not an absolute URL
 */
export function createUsersClient(options: UsersClientOptions): UsersClient {
  const settings = resolveOptions(options);
  const api = createClient<paths>({ baseUrl: settings.baseUrl });
  const send = createSend(settings);
  const via = ({ signal }: CallOptions) => ({ fetch: (request: Request) => send(request, signal) });
  const reading = createReading({ settings, api, via });
  const changing = createChanging({ settings, api, via }, reading.getUser);
  return {
    ...reading,
    ...changing,
    modifyUser: (id, change, { attempts = DEFAULT_MODIFY_ATTEMPTS, signal } = {}) =>
      modify(
        {
          read: () => reading.getUser(id, { signal }),
          write: (patch, ifMatch) => changing.updateUser(id, patch, { ifMatch, signal }),
          pause: (rounds) => settings.sleep(backoffMs(rounds, settings.retry, settings.random), signal),
        },
        change,
        attempts,
      ),
  };
}

interface Context {
  readonly settings: Settings;
  readonly api: Client<paths>;
  /** What makes openapi-fetch send a call our way. */
  readonly via: (call: CallOptions) => { readonly fetch: (request: Request) => Promise<Response> };
}

type Reading = Pick<UsersClient, "getUser" | "getUserByUsername" | "listUsers" | "users" | "listEvents" | "events">;
type Changing = Pick<UsersClient, "createUser" | "updateUser" | "deleteUser">;

function createReading({ settings, api, via }: Context): Reading {
  async function listUsers(query: UserQuery = {}, call: CallOptions = {}): Promise<UserPage> {
    return bodyOf(await api.GET("/api/v1/users", { params: { query }, ...via(call) }));
  }
  return {
    listUsers,
    users: (query = {}, call = {}) => walkUsers((pageQuery) => listUsers(pageQuery, call), query),

    async listEvents(query = {}, call = {}) {
      const page = bodyOf(await api.GET("/api/v1/users/events", { params: { query }, ...via(call) }));
      if (typeof page === "string") throw new TypeError("the answer is an event stream, which was not asked for");
      return page;
    },
    events: (query = {}, { signal } = {}) => ({
      [Symbol.asyncIterator]: () => followEvents(settings, query, signal),
    }),

    async getUser(id, call = {}) {
      const params = { path: { id: segment(id) } };
      return toTaggedUser(await api.GET("/api/v1/users/id/{id}", { params, ...via(call) }));
    },

    async getUserByUsername(username, call = {}) {
      const params = { path: { username: segment(username) } };
      return toTaggedUser(await api.GET("/api/v1/users/username/{username}", { params, ...via(call) }));
    },
  };
}

function createChanging({ settings, api, via }: Context, getUser: Reading["getUser"]): Changing {
  return {
    async createUser(input, { idempotencyKey = settings.newIdempotencyKey(), signal } = {}) {
      const header = { "Idempotency-Key": quoteIdempotencyKey(idempotencyKey) };
      const result = await api.POST("/api/v1/users", { params: { header }, body: input, ...via({ signal }) });
      return { ...toTaggedUser(result), replayed: result.response.headers.get("Idempotent-Replayed") === "true" };
    },

    async updateUser(id, patch, { ifMatch, signal } = {}) {
      const params = { path: { id: segment(id) }, header: conditionOf(ifMatch) };
      const headers = { "Content-Type": MERGE_PATCH };
      try {
        return toTaggedUser(
          await api.PATCH("/api/v1/users/id/{id}", { params, headers, body: patch, ...via({ signal }) }),
        );
      } catch (error) {
        return await settleUpdate(error, patch, () => getUser(id, { signal }));
      }
    },

    async deleteUser(id, { ifMatch, signal } = {}) {
      const params = { path: { id: segment(id) }, header: conditionOf(ifMatch) };
      try {
        await api.DELETE("/api/v1/users/id/{id}", { params, ...via({ signal }) });
      } catch (error) {
        await settleDeletion(error, () => getUser(id, { signal }));
      }
    },
  };
}

function conditionOf(ifMatch: string | undefined): { "If-Match"?: string } {
  return ifMatch === undefined ? {} : { "If-Match": ifMatch };
}

/** URLs drop these even when they are percent-encoded, and the request would mean another resource. */
function segment(value: string): string {
  if (value === "" || value === "." || value === "..") throw new TypeError(`"${value}" names no user`);
  return value;
}

interface Result<Body> {
  readonly data?: Body | undefined;
  readonly response: Response;
}

/** Answers without success have been thrown before; what is left is one that breaks the contract. */
function bodyOf<Body>({ data, response }: Result<Body>): Body {
  if (data === undefined) throw new TypeError(`the answer with status ${response.status} has no body`);
  return data;
}

function toTaggedUser(result: Result<User>): TaggedUser {
  const etag = result.response.headers.get("ETag");
  if (etag === null) throw new TypeError("the answer has no ETag header, or CORS does not expose it");
  return { user: bodyOf(result), etag };
}
