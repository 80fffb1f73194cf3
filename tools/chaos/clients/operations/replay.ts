import { type ClientContext, pickRecent } from "../context.ts";
import { firstFields } from "./create.ts";

/** Sends a creation that was acknowledged once more, also of a user that has been changed or deleted since. */
export async function replayCreation({ api, own, random }: ClientContext): Promise<void> {
  const record = pickRecent(random, own.all, ({ key, firstBody }) => key !== null && firstBody !== null);
  if (record === undefined) return;
  const { username, key, firstBody } = record;
  const answer = await api.create(username, firstFields(username), key);
  if (answer === null || answer.status >= 500 || answer.problem === "idempotency-key-in-use") return;
  const isMarked = answer.headers["idempotent-replayed"] === "true";
  record.events.push({ kind: "replayed", isSame: answer.status === 201 && isMarked && answer.text === firstBody });
}
