import { OpenAPIHono } from "@hono/zod-openapi";

import type { AppEnv } from "../context.ts";
import { registerCreateUser } from "./create-user.ts";
import type { CursorCodec } from "./cursor.ts";
import { registerDeleteUser } from "./delete-user.ts";
import { registerGetUserById } from "./get-user-by-id.ts";
import { registerGetUserByUsername } from "./get-user-by-username.ts";
import type { UserGuards } from "./guards.ts";
import { registerListUsers } from "./list-users.ts";
import type { ChangeOptions } from "./representation.ts";
import { registerUpdateUser } from "./update-user.ts";

export interface UserRoutesOptions {
  readonly guards: UserGuards;
  readonly cursors: CursorCodec;
  readonly changes: ChangeOptions;
}

/** Every operation on users, mounted at `/api/v1/users`. */
export function userRoutes({ guards, cursors, changes }: UserRoutesOptions): OpenAPIHono<AppEnv> {
  const routes = new OpenAPIHono<AppEnv>();
  registerListUsers(routes, guards, cursors);
  registerCreateUser(routes, guards);
  registerGetUserById(routes, guards);
  registerGetUserByUsername(routes, guards);
  registerUpdateUser(routes, guards, changes);
  registerDeleteUser(routes, guards, changes);
  return routes;
}
