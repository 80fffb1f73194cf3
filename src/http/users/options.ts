import type { UserService } from "../../services/user-service.ts";
import type { Guards } from "../guards.ts";
import type { ChangeOptions } from "../representation.ts";
import type { CursorCodec } from "./cursor.ts";

/** What the operations on users are made of. */
export interface UserRoutesOptions {
  readonly users: UserService;
  readonly guards: Guards;
  readonly cursors: CursorCodec;
  readonly changes: ChangeOptions;
}
