import { memberOf } from "./json.ts";
import type { KnownUser, UserSample } from "./user-sample.ts";

/** A request that changes nothing, and how to tell a right answer from a wrong one. */
export interface ProbeRequest {
  /** Path with placeholders, for reports: nothing personal. */
  readonly route: string;
  /** Path and query as sent. */
  readonly target: string;
  /** Who is asked for; may have been deleted meanwhile. Null when nobody in particular. */
  readonly user: KnownUser | null;
  /** Says what is wrong with a body; null when it has the right shape. Contents may differ: others write all the time. */
  findFault(body: unknown): string | null;
}

const SORTS = ["-created_at", "created_at", "username", "-username"];
/** Pages of different sizes, but never so large that the probes are a burden. */
const MAX_PAGE = 25;

/**
 * The mix of requests. Most read one user, in two ways that cost about the same, so that the median lies among them and
 * not in a gap between cheap and dear requests.
 */
export function chooseRequest(users: UserSample, random: () => number): ProbeRequest {
  const draw = random();
  if (draw < 0.1) return readiness();
  const user = users.pick();
  if (user === null || draw < 0.3) return listUsers(random);
  return draw < 0.65 ? readById(user) : readByUsername(user);
}

/** The users of a list's body, as far as they are well-formed. */
export function usersOf(body: unknown): readonly KnownUser[] {
  const data = memberOf(body, "data");
  return Array.isArray(data) ? data.flatMap(toKnownUser) : [];
}

function toKnownUser(value: unknown): readonly KnownUser[] {
  const [id, username] = [memberOf(value, "id"), memberOf(value, "username")];
  return typeof id === "string" && typeof username === "string" ? [{ id, username }] : [];
}

function readiness(): ProbeRequest {
  return {
    route: "/health/ready",
    target: "/health/ready",
    user: null,
    findFault: (body) => (memberOf(body, "status") === "ready" ? null : "does not say that it is ready"),
  };
}

function listUsers(random: () => number): ProbeRequest {
  const limit = 1 + Math.floor(random() * MAX_PAGE);
  const sort = SORTS[Math.floor(random() * SORTS.length)] ?? "created_at";
  return {
    route: "/api/v1/users",
    target: `/api/v1/users?limit=${limit}&sort=${sort}`,
    user: null,
    findFault(body) {
      const data = memberOf(body, "data");
      if (!Array.isArray(data)) return "has no list of users";
      if (data.length > limit) return "has more users than were asked for";
      return usersOf(body).length === data.length ? null : "has a user without id or username";
    },
  };
}

const readById = (user: KnownUser): ProbeRequest => ({
  route: "/api/v1/users/id/{id}",
  target: `/api/v1/users/id/${encodeURIComponent(user.id)}`,
  user,
  findFault: (body) => (memberOf(body, "id") === user.id ? null : "is not the user that was asked for"),
});

const readByUsername = (user: KnownUser): ProbeRequest => ({
  route: "/api/v1/users/username/{username}",
  target: `/api/v1/users/username/${encodeURIComponent(user.username)}`,
  user,
  findFault: (body) => (memberOf(body, "username") === user.username ? null : "is not the user that was asked for"),
});
