import { type Fields, FIELD_NAMES, type Operation, type TagChoice } from "./model-values.ts";
import {
  type Call,
  type Condition,
  cursorOf,
  etagOf,
  type ListScope,
  type Model,
  type ModelUser,
  type Observed,
} from "./model.ts";
import type { Stack } from "./stack.ts";

const USERS = "/api/v1/users";
const ABSENT: ModelUser = {
  id: "01932f2e-9d5a-7c31-b3f4-2f6f3c9d8a10",
  username: "nobody",
  email: "nobody@example.com",
  full_name: "Nobody",
  created_at: "2026-01-01T00:00:00.000Z",
  updated_at: "2026-01-01T00:00:00.000Z",
  version: 1,
};

/** What a client remembers of earlier answers. */
export interface Memory {
  /** Every user that was ever made, as it was then. */
  readonly made: ModelUser[];
  /** Keyed creations that were answered, for sending them again. */
  readonly keyed: Extract<Call, { kind: "create" }>[];
  readonly cursors: { readonly text: string; readonly scope: ListScope; readonly behind: ModelUser }[];
}

export function emptyMemory(): Memory {
  return { made: [], keyed: [], cursors: [] };
}

/** Fills the numbers of an operation in with what is remembered. */
export function toCall(operation: Operation, model: Model, memory: Memory): Call {
  switch (operation.kind) {
    case "create":
      return operation;
    case "create again":
      return memory.keyed.toReversed().at(operation.which) ?? { kind: "create", fields: {}, key: null };
    case "get": {
      const user = someone(memory, model, operation.who);
      const ifNoneMatch = toCondition(operation.ifNoneMatch, user);
      return { kind: "get", by: operation.by, value: user[operation.by].toUpperCase(), ifNoneMatch };
    }
    case "patch": {
      const user = someone(memory, model, operation.who);
      return { kind: "patch", id: user.id, fields: operation.fields, ifMatch: toCondition(operation.ifMatch, user) };
    }
    case "delete": {
      const user = someone(memory, model, operation.who);
      return { kind: "delete", id: user.id, ifMatch: toCondition(operation.ifMatch, user) };
    }
    case "list": {
      const { sort, limit, prefix, email, after, before } = operation;
      const timeOf = (who: number | null): string | null =>
        who === null ? null : someone(memory, model, who).created_at;
      const scope = { sort, prefix, email, after: timeOf(after), before: timeOf(before) };
      return { kind: "list", scope, limit, cursor: null };
    }
    case "follow":
      return toFollowing(operation, memory);
  }
}

/** Goes on behind a page that was read before, or tries to with a cursor that is not for this list. */
function toFollowing({ cursor: number, limit, spoil }: Extract<Operation, { kind: "follow" }>, memory: Memory): Call {
  const cursor = memory.cursors.at(number % Math.max(memory.cursors.length, 1));
  const noConditions = { prefix: null, email: null, after: null, before: null };
  if (cursor === undefined)
    return { kind: "list", scope: { sort: "username", ...noConditions }, limit: 1, cursor: null };
  const { scope, text, behind } = cursor;
  switch (spoil) {
    case "not":
      return { kind: "list", scope, limit, cursor: { text, behind } };
    case "sort": {
      const sort = scope.sort === "username" ? "-username" : "username";
      return { kind: "list", scope: { ...scope, sort }, limit, cursor: { text, behind: "refused" } };
    }
    case "text": {
      const changed = `${text.startsWith("A") ? "B" : "A"}${text.slice(1)}`;
      return { kind: "list", scope, limit, cursor: { text: changed, behind: "refused" } };
    }
  }
}

function someone({ made }: Memory, { users }: Model, who: number): ModelUser {
  const user = made.toReversed().at(who);
  return user === undefined ? ABSENT : (users.get(user.id) ?? user);
}

function toCondition(choice: TagChoice, user: ModelUser): Condition | null {
  const current = etagOf(user);
  const previous = etagOf({ ...user, version: user.version + (user.version > 1 ? -1 : 1) });
  switch (choice) {
    case "none":
      return null;
    case "any":
      return { header: "*", meaning: "any" };
    case "malformed":
      return { header: current.replaceAll('"', ""), meaning: "malformed" };
    case "current":
      return tags([current]);
    case "previous":
      return tags([previous]);
    case "both":
      return tags([previous, current]);
    case "weak":
      return { header: `W/${current}`, meaning: { strong: [], weak: [current] } };
    case "foreign":
      return tags([etagOf({ ...ABSENT, version: user.version })]);
  }
}

function tags(strong: readonly string[]): Condition {
  return { header: strong.join(" , "), meaning: { strong, weak: [] } };
}

/** Keeps what a later operation may use. */
export function remember(memory: Memory, call: Call, observed: Observed, after: Model): void {
  if (observed.status === 201 && !observed.isReplay) {
    const user = [...after.users.values()].find((candidate) => observed.etag === etagOf(candidate));
    if (user !== undefined) memory.made.push(user);
  }
  if (call.kind === "create" && call.key !== null && observed.status === 201) memory.keyed.push(call);
  const text = cursorOf(observed);
  if (call.kind !== "list" || text === null) return;
  const last = lastIdOf(observed);
  const behind = [...after.users.values(), ...memory.made].find(({ id }) => id === last);
  if (behind !== undefined) memory.cursors.push({ text, scope: call.scope, behind });
}

function lastIdOf({ body }: Observed): unknown {
  if (typeof body !== "object" || body === null || !("data" in body) || !Array.isArray(body.data)) return undefined;
  const last: unknown = body.data.at(-1);
  return typeof last === "object" && last !== null && "id" in last ? last.id : undefined;
}

/** Sends the call over HTTP. */
export async function perform(stack: Stack, call: Call): Promise<Observed> {
  return await observe(await send(stack, call));
}

function send(stack: Stack, call: Call): Promise<Response> {
  switch (call.kind) {
    case "create": {
      const headers: Record<string, string> = call.key === null ? {} : { "Idempotency-Key": call.key };
      return stack.sendJson(USERS, rawBody(call.fields), { headers });
    }
    case "get":
      return stack.request(`${USERS}/${call.by}/${call.value}`, {
        headers: conditionHeaders("If-None-Match", call.ifNoneMatch),
      });
    case "patch": {
      const headers = conditionHeaders("If-Match", call.ifMatch);
      return stack.sendJson(`${USERS}/id/${call.id}`, rawBody(call.fields), { method: "PATCH", headers });
    }
    case "delete":
      return stack.request(`${USERS}/id/${call.id}`, {
        method: "DELETE",
        headers: conditionHeaders("If-Match", call.ifMatch),
      });
    case "list":
      return stack.request(`${USERS}?${toQuery(call)}`);
  }
}

function toQuery({ scope, limit, cursor }: Extract<Call, { kind: "list" }>): string {
  const { sort, prefix, email, after, before } = scope;
  const given = { sort, username: prefix, email, created_after: after, created_before: before, cursor: cursor?.text };
  const query = new URLSearchParams({ limit: String(limit) });
  for (const [name, value] of Object.entries(given)) if (typeof value === "string") query.set(name, value);
  return query.toString();
}

function conditionHeaders(name: string, condition: Condition | null): Record<string, string> {
  return condition === null ? {} : { [name]: condition.header };
}

function rawBody(fields: Fields): Record<string, unknown> {
  const given = FIELD_NAMES.filter((name) => fields[name] !== undefined);
  return Object.fromEntries(given.map((name) => [name, fields[name]?.raw]));
}

async function observe(response: Response): Promise<Observed> {
  const { status, headers } = response;
  const text = await response.text();
  const body: unknown = text === "" ? null : JSON.parse(text);
  const problem: { type?: string; errors?: { pointer?: string; parameter?: string; code: string }[] } =
    status >= 400 && body !== null ? JSON.parse(text) : {};
  return {
    status,
    etag: headers.get("ETag"),
    location: headers.get("Location"),
    isReplay: headers.get("Idempotent-Replayed") === "true",
    hasRetryAfter: headers.has("Retry-After"),
    hasNextLink: headers.get("Link")?.includes('rel="next"') ?? false,
    problem: problem.type?.replace("/problems/", "") ?? null,
    errors: (problem.errors ?? []).map(({ pointer, parameter, code }) => `${pointer ?? parameter} ${code}`).toSorted(),
    body,
  };
}
