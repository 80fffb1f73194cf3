import { endOf } from "../answer.ts";
import { type ClientContext, untilKnown } from "../context.ts";
import { spellName } from "../full-name.ts";
import type { OwnRecord } from "../own-record.ts";

/** Creates a user with a key, repeating the request until its end is known. */
export async function createWithKey(context: ClientContext): Promise<void> {
  const { api, tellsOutcome } = context;
  const record = newRecord(context, (username) => `key-${username}`);
  const fields = firstFields(record.username);
  const { answer } = await untilKnown(
    context,
    () => api.create(record.username, fields, record.key),
    (given) => given?.problem !== "idempotency-key-in-use" && isKnown(given, tellsOutcome),
  );
  const end = endOf(answer, tellsOutcome);
  record.events.push({ kind: "create", ...fields, end });
  settle(record, end);
  if (end.kind === "acknowledged") record.firstBody = answer?.text ?? null;
}

/** Creates a user without a key: sent once, whatever comes back. */
export async function createOnce(context: ClientContext): Promise<void> {
  const record = newRecord(context, () => null);
  const fields = firstFields(record.username);
  const end = endOf(await context.api.create(record.username, fields, null), context.tellsOutcome);
  record.events.push({ kind: "create", ...fields, end });
  settle(record, end);
}

/** A refusal that happened for certain is worth repeating only when it is the service's trouble. */
function isKnown(answer: Parameters<typeof endOf>[0], tellsOutcome: boolean): boolean {
  const end = endOf(answer, tellsOutcome);
  return end.kind === "acknowledged" || (end.kind === "refused" && (answer?.status ?? 0) < 500);
}

function newRecord({ name, own, next }: ClientContext, keyOf: (username: string) => string | null): OwnRecord {
  const username = `${name}n${String(next()).padStart(6, "0")}`;
  return own.add(username, keyOf(username));
}

/** What a user of a client begins with. */
export function firstFields(username: string): { readonly email: string; readonly fullName: string } {
  return { email: `${username}@example.com`, fullName: spellName(`First of ${username}`) };
}

function settle(record: OwnRecord, end: ReturnType<typeof endOf>): void {
  record.state = end.kind === "acknowledged" ? end.state : null;
  record.status = end.kind === "acknowledged" ? "live" : end.kind === "refused" ? "gone" : "uncertain";
}
