import { createHash, timingSafeEqual } from "node:crypto";

import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import { uuidv7 } from "uuidv7";

import * as schemas from "./schemas.ts";
import type { NewUser, UserRow, Users } from "./users.ts";

export interface AppOptions {
  readonly users: Users;
  readonly apiKey: string;
}

const toBody = ({ id, username, email, full_name, created_at, updated_at }: UserRow) => ({
  id,
  username,
  email,
  full_name,
  created_at: created_at.toISOString(),
  updated_at: updated_at.toISOString(),
});

const tagOf = ({ id, version }: UserRow): string => `"${id}.${version}"`;

/** What one would build on Node instead: Fastify, a pool of connections, schemas for requests and answers, a log. */
export function createApp({ users, apiKey }: AppOptions): FastifyInstance {
  const app = Fastify({ logger: true, disableRequestLogging: true, genReqId: () => crypto.randomUUID() });
  app.addHook("onResponse", (request, reply, done) => {
    const { method, routeOptions } = request;
    request.log.info({ method, route: routeOptions.url, status: reply.statusCode, ms: reply.elapsedTime }, "request");
    done();
  });
  app.addContentTypeParser(
    "application/merge-patch+json",
    { parseAs: "string" },
    app.getDefaultJsonParser("error", "error"),
  );
  app.get("/health", () => ({ status: "ok", timestamp: new Date().toISOString() }));
  void app.register(
    (routes, _options, done) => {
      routes.addHook("onRequest", checkKey(apiKey));
      registerReads(routes, users);
      registerWrites(routes, users);
      done();
    },
    { prefix: "/api/v1/users" },
  );
  return app;
}

function checkKey(apiKey: string) {
  const digest = (key: string): Buffer => createHash("sha256").update(key).digest();
  const expected = digest(apiKey);
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> => {
    const key = request.headers["x-api-key"];
    if (typeof key !== "string") return await reply.code(401).send({ error: "Unauthorized" });
    return timingSafeEqual(digest(key), expected) ? undefined : await reply.code(403).send({ error: "Forbidden" });
  };
}

function registerReads(routes: FastifyInstance, users: Users): void {
  const answer = async (request: FastifyRequest, reply: FastifyReply, user: UserRow | undefined) => {
    if (user === undefined) return await reply.code(404).send({ error: "Not found" });
    void reply.header("ETag", tagOf(user)).header("Cache-Control", "private, no-cache, no-transform");
    if (request.headers["if-none-match"] === tagOf(user)) return await reply.code(304).send();
    return toBody(user);
  };
  routes.get<{ Params: { id: string } }>("/id/:id", { schema: schemas.getById }, async (request, reply) =>
    answer(request, reply, await users.findById(request.params.id)),
  );
  routes.get<{ Params: { username: string } }>(
    "/username/:username",
    { schema: schemas.getByUsername },
    async (request, reply) => answer(request, reply, await users.findByUsername(request.params.username.toLowerCase())),
  );
  routes.get<{ Querystring: { limit: number; cursor?: string } }>("/", { schema: schemas.list }, async ({ query }) => {
    const { limit, cursor } = query;
    const [time = "", id = ""] = cursor === undefined ? [] : Buffer.from(cursor, "base64url").toString().split("|");
    const rows = await users.list({ limit: limit + 1, after: cursor === undefined ? null : { time, id } });
    const data = rows.slice(0, limit).map(toBody);
    const last = rows.length > limit ? data.at(-1) : undefined;
    const next = last === undefined ? null : Buffer.from(`${last.created_at}|${last.id}`).toString("base64url");
    return { data, next_cursor: next };
  });
}

function registerWrites(routes: FastifyInstance, users: Users): void {
  routes.post<{ Body: NewUser }>("/", { schema: schemas.create }, async ({ body }, reply) => {
    const user = await users.insert(uuidv7(), body, new Date());
    if (user === undefined) return await reply.code(409).send({ error: "Taken" });
    void reply.header("ETag", tagOf(user)).header("Location", `/api/v1/users/id/${user.id}`);
    return await reply.code(201).send(toBody(user));
  });
  routes.patch<{ Params: { id: string }; Body: Partial<NewUser> }>(
    "/id/:id",
    { schema: schemas.update },
    async ({ params, body }, reply) => {
      const user = await users.update(params.id, body, new Date());
      if (user === undefined) return await reply.code(404).send({ error: "Not found" });
      void reply.header("ETag", tagOf(user));
      return toBody(user);
    },
  );
  routes.delete<{ Params: { id: string } }>("/id/:id", { schema: schemas.remove }, async ({ params }, reply) => {
    await users.delete(params.id);
    return await reply.code(204).send();
  });
}
