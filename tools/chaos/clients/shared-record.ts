import type { SharedChange, SharedRead, SharedUser } from "../history.ts";

/** A user that all clients change, with all that they did. */
export interface SharedRecord extends SharedUser {
  readonly changes: SharedChange[];
  readonly reads: SharedRead[];
}
