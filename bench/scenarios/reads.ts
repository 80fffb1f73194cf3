import { read, type Scenario, scenario, STRANGER_HEADERS, USERS } from "./scenario.ts";
import type { RequestTemplate } from "./template.ts";

export const GET_BY_ID = read(`${USERS}/id/{{id}}`);
export const GET_BY_USERNAME = read(`${USERS}/username/{{username}}`);
export const LIST_20 = read(`${USERS}?limit=20`);
export const LIST_100 = read(`${USERS}?limit=100`);
const HEALTH: RequestTemplate = { ...read("/health"), headers: STRANGER_HEADERS };
const NOT_MODIFIED: RequestTemplate = {
  ...read(`${USERS}/id/{{id}}`, { "If-None-Match": '"{{id}}.1"' }),
  status: 304,
};

export const READS: readonly Scenario[] = [
  scenario({ name: "health", title: "liveness, without the database", requests: [HEALTH], isConstant: true }),
  scenario({ name: "get-by-id", title: "one user by id", requests: [GET_BY_ID] }),
  scenario({ name: "get-by-username", title: "one user by username", requests: [GET_BY_USERNAME] }),
  scenario({ name: "not-modified", title: "304, the client has the user already", requests: [NOT_MODIFIED] }),
  scenario({ name: "list-20", title: "the first page, 20 users", requests: [LIST_20] }),
  scenario({ name: "list-100", title: "the first page, 100 users", requests: [LIST_100] }),
];
