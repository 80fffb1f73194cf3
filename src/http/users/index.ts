import type { OpenAPIHono } from "@hono/zod-openapi";

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

/** Every operation on users. */
export function registerUsers(app: OpenAPIHono<AppEnv>, { guards, cursors, changes }: UserRoutesOptions): void {
  registerListUsers(app, guards, cursors);
  registerCreateUser(app, guards);
  registerGetUserById(app, guards);
  registerGetUserByUsername(app, guards);
  registerUpdateUser(app, guards, changes);
  registerDeleteUser(app, guards, changes);
}
