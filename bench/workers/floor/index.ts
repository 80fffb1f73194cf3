// The floor: what a good engineer would write by hand if nothing but these requests were ever sent. One statement, the same
// answer, and none of what makes an API safe: no credentials, rules, limits, deadline or log.
import { health, INVALID_HEADERS, LIMITED_HEADERS, problem, UNAUTHORIZED_HEADERS } from "./answer.ts";
import type { Env } from "./env.ts";
import { getById, getByUsername, list } from "./reads.ts";
import { create, keyedCreate, patch, remove } from "./writes.ts";

const USERS = "/api/v1/users";
const BY_ID = `${USERS}/id/`;
const BY_USERNAME = `${USERS}/username/`;

/** Keys are not checked; without one the refusal is measured, and with the limited one the other. */
const LIMITED_KEY = "limited-key-for-measurements-only";

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const url = new URL(request.url);
    if (url.pathname === "/health") return health(env);
    const key = request.headers.get("X-API-Key");
    if (key === null) return problem(env, url.pathname, env.PROBLEMS.unauthorized, UNAUTHORIZED_HEADERS);
    if (key === LIMITED_KEY) return problem(env, url.pathname, env.PROBLEMS.limited, LIMITED_HEADERS);
    if (url.pathname.startsWith(BY_ID)) return await withId(env, request, url.pathname.slice(BY_ID.length));
    if (url.pathname.startsWith(BY_USERNAME)) {
      return await getByUsername(env, request, url.pathname.slice(BY_USERNAME.length));
    }
    if (url.pathname !== USERS) return new Response(null, { status: 404 });
    return request.method === "POST" ? await post(env, request, url) : await list(env, url);
  },
};

async function withId(env: Env, request: Request, id: string): Promise<Response> {
  if (request.method === "PATCH") return await patch(env, id, await request.json());
  if (request.method === "DELETE") return await remove(env, id);
  return await getById(env, request, id);
}

async function post(env: Env, request: Request, url: URL): Promise<Response> {
  const input = await request.json<{ username: string; email: string; full_name: string }>();
  if (!input.email.includes("@")) return problem(env, url.pathname, env.PROBLEMS.invalid, INVALID_HEADERS);
  const key = request.headers.get("Idempotency-Key");
  return key === null ? await create(env, input) : await keyedCreate(env, input, key);
}
