import { pickWeighted } from "../../rehearsal/load/random.ts";
import type { ClientContext } from "./context.ts";
import { changeAnyway, changeConditionally } from "./operations/change.ts";
import { createOnce, createWithKey } from "./operations/create.ts";
import { deleteUser } from "./operations/delete.ts";
import { listUsers, readById, readByUsername } from "./operations/read.ts";
import { replayCreation } from "./operations/replay.ts";
import { changeShared } from "./operations/shared.ts";

/** What a client does, and how often beside the others. */
const MIX = [
  { weight: 14, run: createWithKey },
  { weight: 12, run: createOnce },
  { weight: 14, run: changeConditionally },
  { weight: 8, run: changeAnyway },
  { weight: 8, run: deleteUser },
  { weight: 12, run: readById },
  { weight: 10, run: readByUsername },
  { weight: 6, run: listUsers },
  { weight: 6, run: replayCreation },
  { weight: 10, run: changeShared },
];

/** Does one thing after the other, as long as there is another turn. */
export async function runClient(context: ClientContext, takeTurn: () => Promise<boolean>): Promise<void> {
  while (await takeTurn()) await pickWeighted(context.choices, MIX).run(context);
}
