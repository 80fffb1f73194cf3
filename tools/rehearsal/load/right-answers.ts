import type { KnownUser } from "./book.ts";
import type { Reply } from "./client.ts";

/** Looks at an answer: null when it is right, else what is wrong with it. */
export type Check = (reply: Answer) => string | null;

export type Answer = Extract<Reply, { kind: "answer" }>;

const SHOWN_BODY = 160;

/** What is wrong with a reply, whatever it is. */
export function problemOf(reply: Reply, check: Check): string | null {
  if (reply.kind === "nothing") return reply.reason;
  try {
    return check(reply);
  } catch (error) {
    return `${error instanceof Error ? error.message : String(error)} in ${excerpt(reply)}`;
  }
}

/** The status and no body, as of 204 and 304. */
export function isEmpty(status: number): Check {
  return (reply) => wrongStatus(reply, status) ?? (reply.body === "" ? null : `a body with ${status}`);
}

export function isNotFound(reply: Answer): string | null {
  return wrongStatus(reply, 404) ?? (memberOf(reply, "status") === 404 ? null : "404 without a problem document");
}

/** A page of the list, none longer than asked for. */
export function isUserList(limit: number): Check {
  return (reply) => {
    const wrong = wrongStatus(reply, 200);
    if (wrong !== null) return wrong;
    const data = memberOf(reply, "data");
    if (!Array.isArray(data)) return "data is not a list";
    if (data.length > limit) return `${data.length} users where ${limit} were asked for`;
    return data.every((user: unknown) => isUser(user)) ? null : "a member of data is not a user";
  };
}

/** Exactly this user in this state: what was written last is what is read. */
export function isState(status: number, user: KnownUser): Check {
  return (reply) => {
    const wrong = wrongStatus(reply, status);
    if (wrong !== null) return wrong;
    const expected = {
      id: user.id,
      username: user.username,
      email: user.email,
      full_name: user.fullName,
    };
    for (const [name, value] of Object.entries(expected)) {
      const seen = memberOf(reply, name);
      if (seen !== value) return `${name} is ${JSON.stringify(seen)}, not ${JSON.stringify(value)}`;
    }
    return wrongTag(reply, user);
  };
}

/** A user that the service has just made: the id is its choice. */
export function createdUser(reply: Answer, wanted: Omit<KnownUser, "id" | "version">): KnownUser | string {
  const wrong = wrongStatus(reply, 201);
  if (wrong !== null) return wrong;
  const id = memberOf(reply, "id");
  if (typeof id !== "string") return "the new user has no id";
  const user = { ...wanted, id, version: 1 };
  const location = `/api/v1/users/id/${id}`;
  if (reply.headers["location"] !== location) return `Location is ${String(reply.headers["location"])}`;
  return isState(201, user)(reply) ?? user;
}

export function wrongStatus(reply: Answer, expected: number): string | null {
  return reply.status === expected ? null : `status ${reply.status}, not ${expected}: ${excerpt(reply)}`;
}

export function entityTag({ id, version }: KnownUser): string {
  return `"${id}.${version}"`;
}

function wrongTag({ headers }: Answer, user: KnownUser): string | null {
  const seen = headers["etag"];
  return seen === entityTag(user) ? null : `ETag is ${String(seen)}, not ${entityTag(user)}`;
}

const USER_MEMBERS = ["id", "username", "email", "full_name", "created_at", "updated_at"];

function isUser(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const members = new Map<string, unknown>(Object.entries(value));
  return USER_MEMBERS.every((name) => typeof members.get(name) === "string");
}

/** Throws when the body is not JSON. */
function memberOf({ body }: Answer, name: string): unknown {
  const parsed: unknown = JSON.parse(body);
  if (typeof parsed !== "object" || parsed === null) return undefined;
  return new Map<string, unknown>(Object.entries(parsed)).get(name);
}

function excerpt({ headers, body }: Answer): string {
  const emulator = headers["x-emulator-error"];
  const text = emulator === undefined ? body : `[${emulator}] ${body}`;
  return text.slice(0, SHOWN_BODY).replaceAll(/\s+/g, " ").trim();
}
