import type { Fields } from "../../history.ts";
import { endOf, userOf } from "../answer.ts";
import { type ClientContext, pickRecent, untilKnown } from "../context.ts";
import { spellName } from "../full-name.ts";
import type { OwnRecord } from "../own-record.ts";

/** Changes a user from the state that is known, repeating the request with the same `If-Match` until its end is known. */
export async function changeConditionally(context: ClientContext): Promise<void> {
  const record = pickLive(context);
  const { id, version = null } = record?.state ?? {};
  if (record === undefined || id === undefined || version === null) return;
  const fields = newFields(context, record.username);
  const { answer, mayHaveHappened } = await untilKnown(
    context,
    () => context.api.change(id, fields, version),
    (given) => given !== null && given.status < 500,
  );
  if (answer?.status !== 412) return note(record, fields, version, endOf(answer, context.tellsOutcome));
  // An earlier attempt has changed the user; nobody else does.
  if (mayHaveHappened) record.events.push({ kind: "change", fields, onlyVersion: version, end: { kind: "unknown" } });
  record.events.push({ kind: "moved-on", fromVersion: version });
  await catchUp(context, record, id);
}

/** Changes a user whatever its state: sent once, for a repetition could undo a change in between. */
export async function changeAnyway(context: ClientContext): Promise<void> {
  const record = pickLive(context);
  const id = record?.state?.id;
  if (record === undefined || id === undefined) return;
  const fields = newFields(context, record.username);
  note(record, fields, null, endOf(await context.api.change(id, fields, null), context.tellsOutcome));
}

function note(record: OwnRecord, fields: Fields, onlyVersion: number | null, end: ReturnType<typeof endOf>): void {
  if (end.kind === "refused" && end.why === "user-not-found") {
    record.events.push({ kind: "absent" });
    record.status = "gone";
    return;
  }
  record.events.push({ kind: "change", fields, onlyVersion, end });
  if (end.kind === "acknowledged") record.state = end.state;
  if (end.kind === "unknown") record.status = "uncertain";
}

async function catchUp(context: ClientContext, record: OwnRecord, id: string): Promise<void> {
  const { answer } = await untilKnown(
    context,
    () => context.api.readById(id),
    (given) => given?.status === 200 || given?.status === 404,
  );
  const state = answer === null ? null : userOf(answer);
  if (answer?.status === 404) record.events.push({ kind: "absent" });
  if (state !== null) record.events.push({ kind: "seen", state });
  record.state = state ?? record.state;
  if (state === null) record.status = "uncertain";
}

function pickLive({ random, own }: ClientContext): OwnRecord | undefined {
  return pickRecent(random, own.all, ({ status }) => status === "live");
}

/** Values that are written once, so that what is read tells who wrote it. */
function newFields({ random, next }: ClientContext, username: string): Fields {
  const number = next();
  const fullName = spellName(`Change ${number} of ${username}`);
  return random() < 0.25 ? { email: `${username}.${number}@example.com`, fullName } : { fullName };
}
