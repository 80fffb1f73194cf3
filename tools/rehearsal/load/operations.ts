import { type Book, type KnownUser, stateOf } from "./book.ts";
import type { Call } from "./client.ts";
import { pickIndex, type Random } from "./random.ts";
import {
  type Answer,
  type Check,
  createdUser,
  entityTag,
  isEmpty,
  isNotFound,
  isState,
  isUserList,
  wrongStatus,
} from "./right-answers.ts";

/** What an operation may use. One operation speaks for one API key, as one client would. */
export interface OperationContext {
  readonly book: Book;
  readonly random: Random;
  /** A number that no other operation has. */
  readonly serial: number;
  /** Sends a request, judges and records the answer; null when it was wrong or missing. Never rejects. */
  readonly attempt: (call: Call, check: Check) => Promise<Answer | null>;
}

/** One kind of request that clients make. */
export interface Operation {
  readonly name: string;
  /** How often, relative to the others. */
  readonly weight: number;
  run(context: OperationContext): Promise<void>;
}

const USERS = "/api/v1/users";
const PAGE = 20;

/**
 * The text by which the database gateway recognises the statement of a slow answer: the one list that is bounded by the
 * time of creation. The release command never asks for it: what it measures must not hang on how often it does.
 */
export const SLOW_STATEMENT = '"created_at" < $';

const read = (path: string, headers: Readonly<Record<string, string>> = {}): Call => ({ method: "GET", path, headers });

/** Reads one user that exists, in the way that `call` and `check` say. */
const readOne =
  (call: (user: KnownUser) => Call, check: (user: KnownUser) => Check) =>
  async ({ book, random, attempt }: OperationContext): Promise<void> => {
    const user = book.borrow(random);
    if (user === null) return await readList({ attempt });
    await attempt(call(user), check(user));
    book.settle(user);
  };

async function readList({ attempt }: Pick<OperationContext, "attempt">): Promise<void> {
  await attempt(read(`${USERS}?limit=${PAGE}`), isUserList(PAGE));
}

async function readRemoved({ book, random, attempt }: OperationContext): Promise<void> {
  const id = book.removedId(random);
  if (id === null) return await readList({ attempt });
  await attempt(read(`${USERS}/id/${id}`), isNotFound);
}

async function readSlowly({ attempt }: OperationContext): Promise<void> {
  await attempt(read(`${USERS}?limit=5&created_before=2100-01-01T00:00:00Z`), isUserList(5));
}

async function readDocument({ attempt }: OperationContext): Promise<void> {
  const isDocument = (reply: Answer): string | null =>
    wrongStatus(reply, 200) ?? (/^\{\s*"openapi"/.test(reply.body) ? null : "not the OpenAPI document");
  await attempt(read("/openapi.json"), isDocument);
}

/** With a key, so that it can be sent again when the answer is missing: whatever happened, there will be one user. */
const create =
  (trickle: (random: Random) => number | undefined) =>
  async ({ book, random, serial, attempt }: OperationContext): Promise<void> => {
    const username = `load${serial}`;
    const wanted = { username, email: `${username}@example.com`, fullName: `Load ${words(random)}` };
    const trickleMs = trickle(random);
    const call: Call = {
      method: "POST",
      path: USERS,
      headers: { "Content-Type": "application/json", "Idempotency-Key": `"${username}"` },
      body: JSON.stringify({ username, email: wanted.email, full_name: wanted.fullName }),
      ...(trickleMs === undefined ? {} : { trickleMs }),
    };
    const check: Check = (reply) => {
      const made = createdUser(reply, wanted);
      return typeof made === "string" ? made : null;
    };
    const reply = (await attempt(call, check)) ?? (await attempt(call, check));
    const made = reply === null ? null : createdUser(reply, wanted);
    if (made === null || typeof made === "string") {
      book.doubt(username, [null, { id: null, fullName: wanted.fullName, version: 1 }]);
    } else book.settle(made);
  };

async function patch({ book, random, attempt }: OperationContext): Promise<void> {
  const user = book.borrow(random);
  if (user === null) return await readList({ attempt });
  const changed = { ...user, fullName: `Load ${words(random)}`, version: user.version + 1 };
  const call: Call = {
    method: "PATCH",
    path: `${USERS}/id/${user.id}`,
    headers: { "Content-Type": "application/merge-patch+json", "If-Match": entityTag(user) },
    body: JSON.stringify({ full_name: changed.fullName }),
  };
  const reply = await attempt(call, isState(200, changed));
  if (reply === null) book.doubt(user.username, [stateOf(user), stateOf(changed)]);
  else book.settle(changed);
}

async function remove({ book, random, attempt }: OperationContext): Promise<void> {
  const user = book.borrow(random);
  if (user === null) return await readList({ attempt });
  const reply = await attempt({ method: "DELETE", path: `${USERS}/id/${user.id}` }, isEmpty(204));
  if (reply === null) book.doubt(user.username, [stateOf(user), null]);
  else book.remove(user);
}

const byId = ({ id }: KnownUser): string => `${USERS}/id/${id}`;

/** What clients do, and how often in a hundred. */
export const OPERATIONS: readonly Operation[] = [
  {
    name: "read by id",
    weight: 25,
    run: readOne(
      (user) => read(byId(user)),
      (user) => isState(200, user),
    ),
  },
  {
    name: "read unchanged",
    weight: 15,
    run: readOne(
      (user) => read(byId(user), { "If-None-Match": entityTag(user) }),
      () => isEmpty(304),
    ),
  },
  {
    name: "read by username",
    weight: 12,
    run: readOne(
      ({ username }) => read(`${USERS}/username/${username}`),
      (user) => isState(200, user),
    ),
  },
  { name: "read a deleted one", weight: 4, run: readRemoved },
  { name: "list", weight: 12, run: readList },
  { name: "document", weight: 1, run: readDocument },
  { name: "create", weight: 10, run: create(() => undefined) },
  { name: "change", weight: 10, run: patch },
  { name: "delete", weight: 5, run: remove },
  { name: "slow upload", weight: 3, run: create((random) => 1_000 + 1_000 * random()) },
  { name: "slow answer", weight: 3, run: readSlowly },
];

const SYLLABLES = ["an", "be", "cor", "da", "el", "fi", "go", "ha", "is", "jo", "ka", "lu", "mi", "no", "or", "pa"];

/** Changes nearly always; names hold letters only. */
function words(random: Random): string {
  const syllable = (): string => SYLLABLES[pickIndex(random, SYLLABLES.length)] ?? "";
  return Array.from({ length: 6 }, syllable).join("");
}
