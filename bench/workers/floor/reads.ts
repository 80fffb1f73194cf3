import { listJson, notModified, userJson } from "./answer.ts";
import { toCursor } from "./cursor.ts";
import { query, type Row, toUser } from "./database.ts";
import type { Env } from "./env.ts";
import type { Operation } from "./statement.ts";

export async function getById(env: Env, request: Request, id: string): Promise<Response> {
  const [row] = await query(env, "getById", { id });
  return answerUser(env, request, "getById", row);
}

export async function getByUsername(env: Env, request: Request, username: string): Promise<Response> {
  const [row] = await query(env, "getByUsername", { username });
  return answerUser(env, request, "getByUsername", row);
}

function answerUser(env: Env, request: Request, operation: Operation, row: Row | undefined): Response {
  if (row === undefined) return new Response(null, { status: 404 });
  const { user, version } = toUser(env, operation, row);
  const tag = `"${user.id}.${version}"`;
  if (request.headers.get("If-None-Match") === tag) return notModified(env, tag);
  return userJson(env, 200, JSON.stringify(user), { ETag: tag });
}

export async function list(env: Env, url: URL): Promise<Response> {
  const limit = Number(url.searchParams.get("limit") ?? 20);
  const rows = await query(env, "list", { rows: limit + 1 });
  const data = rows.slice(0, limit).map((row) => toUser(env, "list", row).user);
  const last = data.at(-1);
  if (rows.length <= limit || last === undefined) {
    return listJson(env, JSON.stringify({ data, next_cursor: null }));
  }
  const cursor = await toCursor(env.CURSOR_SECRET, `${last.created_at}|${last.id}`);
  url.searchParams.set("cursor", cursor);
  const link = `<${url.pathname}?${url.searchParams.toString()}>; rel="next"`;
  return listJson(env, JSON.stringify({ data, next_cursor: cursor }), { Link: link });
}
