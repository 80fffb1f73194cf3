import { FULL_NAME } from "./rows.ts";
import { CALLER_HEADERS, type Scenario, scenario, USERS } from "./scenario.ts";
import type { RequestTemplate } from "./template.ts";

const JSON_HEADERS = { ...CALLER_HEADERS, "Content-Type": "application/json" };

/** A user that nobody else creates. */
const NEW_USER = `{"username":"{{unique}}","email":"{{unique}}@example.com","full_name":"${FULL_NAME}"}`;

export const CREATE: RequestTemplate = {
  method: "POST",
  path: USERS,
  headers: JSON_HEADERS,
  body: NEW_USER,
  status: 201,
};

export const KEYED_CREATE: RequestTemplate = {
  ...CREATE,
  headers: { ...JSON_HEADERS, "Idempotency-Key": "key-{{unique}}" },
};

export const PATCH: RequestTemplate = {
  method: "PATCH",
  path: `${USERS}/id/{{id}}`,
  headers: { ...CALLER_HEADERS, "Content-Type": "application/merge-patch+json" },
  body: '{"full_name":"Grace Hopper"}',
  status: 200,
};

export const DELETE: RequestTemplate = {
  method: "DELETE",
  path: `${USERS}/id/{{deletable}}`,
  headers: CALLER_HEADERS,
  body: null,
  status: 204,
};

export const WRITES: readonly Scenario[] = [
  scenario({ name: "create", title: "a new user", requests: [CREATE], isWriting: true }),
  scenario({
    name: "keyed-create",
    title: "a new user, with an idempotency key",
    requests: [KEYED_CREATE],
    isWriting: true,
  }),
  scenario({ name: "patch", title: "a change of one field", requests: [PATCH], isWriting: true }),
  scenario({
    name: "delete",
    title: "removal of a user who exists",
    requests: [DELETE],
    isWriting: true,
    isDeleting: true,
  }),
];
