import type { UserService } from "../../services/user-service.ts";
import type { CursorCodec } from "./cursor.ts";
import type { UserGuards } from "./guards.ts";
import type { ChangeOptions } from "./representation.ts";

/** What the operations on users are made of. */
export interface UserRoutesOptions {
  readonly users: UserService;
  readonly guards: UserGuards;
  readonly cursors: CursorCodec;
  readonly changes: ChangeOptions;
}
