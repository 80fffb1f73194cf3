import { endOf } from "../answer.ts";
import { type ClientContext, pickRecent, untilKnown } from "../context.ts";

const CONDITIONAL_SHARE = 0.3;

/** Deletes a user, repeating the request until its end is known; some only in the state that is known. */
export async function deleteUser(context: ClientContext): Promise<void> {
  const { api, random, own } = context;
  const record = pickRecent(random, own.all, ({ status }) => status === "live");
  const [id, known] = [record?.state?.id, record?.state?.version];
  if (record === undefined || id === undefined) return;
  const version = random() < CONDITIONAL_SHARE && typeof known === "number" ? known : null;
  const { answer, mayHaveHappened } = await untilKnown(
    context,
    () => api.delete(id, version),
    (given) => given !== null && given.status < 500,
  );
  record.status = "gone";
  if (answer?.status === 204) {
    record.events.push({ kind: "delete", end: { kind: "acknowledged" } });
    return;
  }
  const end = endOf(answer, context.tellsOutcome);
  if (answer?.status === 412 && version !== null) {
    if (mayHaveHappened) record.events.push({ kind: "delete", end: { kind: "unknown" } });
    record.events.push({ kind: "moved-on", fromVersion: version });
    return;
  }
  record.events.push({ kind: "delete", end: end.kind === "refused" ? end : { kind: "unknown" } });
  record.status = "uncertain";
}
