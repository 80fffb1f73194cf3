import { done, userJson } from "./answer.ts";
import { query, toUser, type User } from "./database.ts";
import type { Env } from "./env.ts";

const DAY_MS = 86_400_000;
const CALLER = "bench";

interface Input {
  readonly username: string;
  readonly email: string;
  readonly full_name: string;
}

export async function create(env: Env, input: Input): Promise<Response> {
  const user = toNewUser(input);
  const [row] = await query(env, "create", { ...user, now: user.created_at });
  const isInserted = row?.[env.STATEMENTS.create.columns["insert_user"] ?? -1] === null;
  if (!isInserted) return new Response(null, { status: 409 });
  return answerNew(env, user, JSON.stringify(user));
}

/** The answer is stored with its key, and comes back from the database. */
export async function keyedCreate(env: Env, input: Input, key: string): Promise<Response> {
  const user = toNewUser(input);
  const hash = await sha256(JSON.stringify([input.username, input.email, input.full_name]));
  const [row] = await query(env, "keyedCreate", {
    ...user,
    now: user.created_at,
    caller: CALLER,
    key,
    lock: JSON.stringify([CALLER, key]),
    request_hash: hash,
    response: JSON.stringify(user),
    expires_at: new Date(Date.parse(user.created_at) + DAY_MS).toISOString(),
  });
  const response = row?.[env.STATEMENTS.keyedCreate.columns["response"] ?? -1];
  if (typeof response !== "string") return new Response(null, { status: 409 });
  return answerNew(env, user, response);
}

export async function patch(env: Env, id: string, change: Partial<Input>): Promise<Response> {
  const [row] = await query(env, "patch", { id, ...change, now: new Date().toISOString() });
  if (row === undefined) return new Response(null, { status: 404 });
  const { user, version } = toUser(env, "patch", row);
  return userJson(env, 200, JSON.stringify(user), { ETag: `"${user.id}.${version}"` });
}

export async function remove(env: Env, id: string): Promise<Response> {
  await query(env, "delete", { id });
  return done(env);
}

function toNewUser({ username, email, full_name: fullName }: Input): User {
  const now = new Date().toISOString();
  return { id: uuidv7(), username, email, full_name: fullName, created_at: now, updated_at: now };
}

function answerNew(env: Env, { id }: User, body: string): Response {
  return userJson(env, 201, body, { ETag: `"${id}.1"`, Location: `/api/v1/users/id/${id}` });
}

/** 48 bits of time, then random bits around version and variant (RFC 9562 section 5.7). */
function uuidv7(): string {
  const time = Date.now().toString(16).padStart(12, "0");
  const random = crypto.randomUUID();
  return `${time.slice(0, 8)}-${time.slice(8)}-7${random.slice(15)}`;
}

async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
