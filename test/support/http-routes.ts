/** Ids that no fake knows unless a test puts them there. */
export const ABSENT_ID = "01932f2e-9d5a-7c31-b3f4-2f6f3c9d8a10";

export interface KnownPath {
  readonly template: string;
  /** An address that the template matches. */
  readonly path: string;
  readonly allow: string;
}

const READ_ONLY = "GET, HEAD, OPTIONS";
const page = (path: string): KnownPath => ({ template: path, path, allow: READ_ONLY });

/** Paths outside authentication, limits and negotiation. */
export const PUBLIC_PATHS: readonly KnownPath[] = [
  page("/"),
  page("/health"),
  page("/health/live"),
  page("/ready"),
  page("/health/ready"),
  page("/health/startup"),
  page("/openapi.json"),
  page("/docs"),
  { template: "/docs/:file", path: "/docs/init.js", allow: READ_ONLY },
  { template: "/problems/:code", path: "/problems/user-not-found", allow: READ_ONLY },
];

const USER_PATHS: readonly KnownPath[] = [
  { template: "/api/v1/users", path: "/api/v1/users", allow: "GET, HEAD, OPTIONS, POST" },
  {
    template: "/api/v1/users/id/:id",
    path: `/api/v1/users/id/${ABSENT_ID}`,
    allow: "DELETE, GET, HEAD, OPTIONS, PATCH",
  },
  { template: "/api/v1/users/username/:username", path: "/api/v1/users/username/nobody", allow: READ_ONLY },
];

/** Every path of the API; a test holds it against the app's own routes. */
export const KNOWN_PATHS: readonly KnownPath[] = [...PUBLIC_PATHS, ...USER_PATHS];

/** Methods that a `Request` can carry. */
export const METHODS = ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"] as const;

/** One request per operation on users, each valid by itself. */
export const USER_OPERATIONS = [
  { name: "list", method: "GET", path: "/api/v1/users", scope: "users:read" },
  { name: "create", method: "POST", path: "/api/v1/users", scope: "users:write" },
  { name: "get by id", method: "GET", path: `/api/v1/users/id/${ABSENT_ID}`, scope: "users:read" },
  { name: "get by username", method: "GET", path: "/api/v1/users/username/nobody", scope: "users:read" },
  { name: "update", method: "PATCH", path: `/api/v1/users/id/${ABSENT_ID}`, scope: "users:write" },
  { name: "delete", method: "DELETE", path: `/api/v1/users/id/${ABSENT_ID}`, scope: "users:write" },
] as const;
