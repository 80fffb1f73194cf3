import type { SharedChange, SharedRead, SharedUser } from "../history.ts";
import { userOf } from "./answer.ts";
import type { Api } from "./api.ts";
import { spellName } from "./full-name.ts";

/** A user that all clients change, with all that they did. */
export interface SharedRecord extends SharedUser {
  readonly changes: SharedChange[];
  readonly reads: SharedRead[];
}

/** Few, so that clients get in each other's way. */
const SHARED_USERS = 8;

/** Makes them before anything goes wrong. */
export async function createSharedUsers(api: Api): Promise<SharedRecord[]> {
  const records: SharedRecord[] = [];
  for (let place = 0; place < SHARED_USERS; place += 1) {
    const username = `shared${place}`;
    const fullName = spellName(`First of ${username}`);
    const answer = await api.create(username, { email: `${username}@example.com`, fullName }, null);
    const user = answer?.status === 201 ? userOf(answer) : null;
    if (user === null)
      throw new Error(`the API does not create a user before any fault: ${answer?.text ?? "no answer"}`);
    records.push({ username, id: user.id, fullName, changes: [], reads: [] });
  }
  return records;
}
