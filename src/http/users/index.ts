import type { OpenAPIHono } from "@hono/zod-openapi";

import type { AppEnv } from "../context.ts";
import { registerCreateUser } from "./create-user.ts";
import { registerDeleteUser } from "./delete-user.ts";
import { registerGetUserById } from "./get-user-by-id.ts";
import { registerGetUserByUsername } from "./get-user-by-username.ts";
import { registerListUsers } from "./list-users.ts";
import type { UserRoutesOptions } from "./options.ts";
import { registerUpdateUser } from "./update-user.ts";

/** Every operation on users. */
export function registerUsers(app: OpenAPIHono<AppEnv>, options: UserRoutesOptions): void {
  registerListUsers(app, options);
  registerCreateUser(app, options);
  registerGetUserById(app, options);
  registerGetUserByUsername(app, options);
  registerUpdateUser(app, options);
  registerDeleteUser(app, options);
}
