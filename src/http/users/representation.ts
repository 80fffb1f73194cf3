import type { StoredResponse } from "../../models/idempotency.ts";
import type { User } from "../../models/user.ts";
import type { CreationResponse } from "../../services/user-service.ts";
import type { AppContext } from "../context.ts";
import { entityTag, ENTITY_JSON } from "../representation.ts";
import { respond } from "../respond.ts";
import type { OwnHeaders } from "../response-headers.ts";
import { toUserJson } from "./schemas.ts";

export const USERS_PATH = "/api/v1/users";

/** What a creation is answered with, and what is stored of it under its idempotency key. */
export const CREATION_RESPONSE: CreationResponse = { status: 201, serialize: toUserJson };

export function respondWithCreated(c: AppContext, user: User): Response {
  const { status, serialize } = CREATION_RESPONSE;
  return respond(c, status, serialize(user), ENTITY_JSON, createdHeaders(user.id));
}

/** The stored response as it is, with the headers that it had. */
export function respondWithStored(c: AppContext, { status, body, isReplay }: StoredResponse): Response {
  const own = createdHeaders(storedUserId(body));
  return respond(c, status, body, ENTITY_JSON, isReplay ? [...own, ["Idempotent-Replayed", "true"]] : own);
}

function createdHeaders(id: string): OwnHeaders {
  return [
    ["ETag", entityTag({ id, version: 1 })],
    ["Location", `${USERS_PATH}/id/${id}`],
  ];
}

/** Finds the id without parsing the text: within JSON's strings, quotes are escaped. */
function storedUserId(json: string): string {
  const id = /"id":"([0-9a-f-]{36})"/.exec(json)?.[1];
  if (id === undefined) throw new Error("The stored response names no user.");
  return id;
}
