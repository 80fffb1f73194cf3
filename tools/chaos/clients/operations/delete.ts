import type { OwnEvent } from "../../history.ts";
import { type Answer, endOf } from "../answer.ts";
import { type ClientContext, pickRecent, untilKnown } from "../context.ts";

const CONDITIONAL_SHARE = 0.3;

/** Deletes a user, repeating the request until its end is known; some only in the state that is known. */
export async function deleteUser(context: ClientContext): Promise<void> {
  const { api, random, own } = context;
  const record = pickRecent(random, own.all, ({ status }) => status === "live");
  const { id, version: known = null } = record?.state ?? {};
  if (record === undefined || id === undefined) return;
  const version = random() < CONDITIONAL_SHARE ? known : null;
  const { answer, mayHaveHappened } = await untilKnown(
    context,
    () => api.delete(id, version),
    (given) => given !== null && given.status < 500,
  );
  record.status = answer === null ? "uncertain" : "gone";
  record.events.push(...toEvents(context, answer, version, mayHaveHappened));
}

function toEvents(
  { tellsOutcome }: ClientContext,
  answer: Answer | null,
  version: number | null,
  mayHaveHappened: boolean,
): OwnEvent[] {
  if (answer?.status === 204) return [{ kind: "delete", end: { kind: "acknowledged" } }];
  const unknown: OwnEvent = { kind: "delete", end: { kind: "unknown" } };
  if (answer === null) return [unknown];
  // A condition that fails: an earlier attempt has deleted the user; nobody else does.
  if (answer.status === 412 && version !== null)
    return [...(mayHaveHappened ? [unknown] : []), { kind: "moved-on", fromVersion: version }];
  const end = endOf(answer, tellsOutcome);
  return end.kind === "refused" ? [{ kind: "delete", end }] : [unknown];
}
