import { type Answer, userOf, usersOf } from "../answer.ts";
import { type ClientContext, pickRecent } from "../context.ts";
import { type OwnRecord, prefixOf } from "../own-record.ts";

/** Reads a user by its id, also one that is gone. */
export async function readById(context: ClientContext): Promise<void> {
  const record = pickRecent(context.random, context.own.all, ({ state }) => state !== null);
  const id = record?.state?.id;
  if (record === undefined || id === undefined) return;
  note(record, await context.api.readById(id));
}

/** Reads a user by its name, also one whose creation has an unknown end. */
export async function readByUsername(context: ClientContext): Promise<void> {
  const record = pickRecent(context.random, context.own.all, () => true);
  if (record === undefined) return;
  note(record, await context.api.readByUsername(record.username));
}

/** Lists ten users of this client, and compares them one by one. */
export async function listUsers(context: ClientContext): Promise<void> {
  const chosen = pickRecent(context.random, context.own.all, () => true);
  if (chosen === undefined) return;
  const prefix = prefixOf(chosen.username);
  const answer = await context.api.listByPrefix(prefix);
  const users = answer?.status === 200 ? usersOf(answer) : null;
  if (users === null) return;
  for (const record of context.own.withPrefix(prefix)) {
    const state = users.get(record.username);
    record.events.push(state === undefined ? { kind: "absent" } : { kind: "seen", state });
  }
}

function note(record: OwnRecord, answer: Answer | null): void {
  if (answer?.status === 404) record.events.push({ kind: "absent" });
  const state = answer?.status === 200 ? userOf(answer) : null;
  if (state === null) return;
  record.events.push({ kind: "seen", state });
  if (record.state !== null) return;
  // A creation whose end was unknown has happened after all.
  record.state = state;
  record.status = "live";
}
