import { pickIndex } from "../../../rehearsal/load/random.ts";
import { endOf, userOf } from "../answer.ts";
import type { ClientContext } from "../context.ts";
import { spellName } from "../full-name.ts";

/** Reads a user that all clients change, and changes it from that state; sent once, for others go on meanwhile. */
export async function changeShared(context: ClientContext): Promise<void> {
  const { api, shared, random, now, next, name } = context;
  const record = shared[pickIndex(random, shared.length)];
  if (record === undefined) return;
  const startedAt = now();
  const read = await api.readById(record.id);
  const state = read?.status === 200 ? userOf(read) : null;
  if (state === null || state.version === null) return;
  record.reads.push({ version: state.version, fullName: state.fullName, startedAt });
  const fullName = spellName(`Turn ${next()} of ${name}`);
  const end = endOf(await api.change(record.id, { fullName }, state.version), context.tellsOutcome);
  record.changes.push({ fromVersion: state.version, fullName, end, endedAt: now() });
}
