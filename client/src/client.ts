import createClient from "openapi-fetch";

import type { CallOptions } from "./call-options.ts";
import { bodyOf, type CallContext, conditionOf, MERGE_PATCH, type Result, segment, tagOf } from "./calls.ts";
import { holdsPatch, modify, settleDeletion, settleUpdate } from "./conditional.ts";
import { followEvents } from "./follow.ts";
import { quoteIdempotencyKey } from "./idempotency-key.ts";
import type { TaggedUser, User, UserPage, UserQuery } from "./models.ts";
import { resolveOptions, type UsersClientOptions } from "./options.ts";
import { walkPages } from "./paging.ts";
import { backoffMs } from "./retry.ts";
import type { paths } from "./schema.ts";
import { createSend } from "./send.ts";
import type { UsersClient } from "./users-client.ts";
import { createWebhooksClient } from "./webhooks.ts";

const DEFAULT_MODIFY_ATTEMPTS = 10;

/**
 * Creates a client of the users API; holds no connection and needs no closing.
 * @throws TypeError when `baseUrl` is not an absolute URL
 */
export function createUsersClient(options: UsersClientOptions): UsersClient {
  const settings = resolveOptions(options);
  const api = createClient<paths>({ baseUrl: settings.baseUrl });
  const send = createSend(settings);
  const via = ({ signal }: CallOptions) => ({ fetch: (request: Request) => send(request, signal) });
  const context = { settings, api, via };
  const reading = createReading(context);
  const changing = createChanging(context, reading.getUser);
  return {
    webhooks: createWebhooksClient(context),
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

type Reading = Pick<UsersClient, "getUser" | "getUserByUsername" | "listUsers" | "users" | "listEvents" | "events">;
type Changing = Pick<UsersClient, "createUser" | "updateUser" | "deleteUser">;

function createReading({ settings, api, via }: CallContext): Reading {
  async function listUsers(query: UserQuery = {}, call: CallOptions = {}): Promise<UserPage> {
    return bodyOf(await api.GET("/api/v1/users", { params: { query }, ...via(call) }));
  }
  return {
    listUsers,
    users: (query = {}, call = {}) => walkPages((pageQuery) => listUsers(pageQuery, call), query),

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

function createChanging({ settings, api, via }: CallContext, getUser: Reading["getUser"]): Changing {
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
        return await settleUpdate(
          error,
          ({ user }) => holdsPatch(user, patch),
          () => getUser(id, { signal }),
        );
      }
    },

    async deleteUser(id, { ifMatch, signal } = {}) {
      const params = { path: { id: segment(id) }, header: conditionOf(ifMatch) };
      try {
        await api.DELETE("/api/v1/users/id/{id}", { params, ...via({ signal }) });
      } catch (error) {
        await settleDeletion(error, "user-not-found", () => getUser(id, { signal }));
      }
    },
  };
}

function toTaggedUser(result: Result<User>): TaggedUser {
  return { user: bodyOf(result), etag: tagOf(result) };
}
