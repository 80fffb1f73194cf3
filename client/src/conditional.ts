import { isProblem } from "./errors.ts";
import type { TaggedUser, User, UserPatch } from "./models.ts";
import type { ProblemCode } from "./problem-codes.ts";

/** What the helpers below need of the API. */
export interface ConditionalAccess {
  read(): Promise<TaggedUser>;
  write(patch: UserPatch, ifMatch: string): Promise<TaggedUser>;
  /** Waits before the next round, the longer the more rounds there were. */
  pause(rounds: number): Promise<void>;
}

/** Reads, changes and writes under If-Match until no other writer comes in between, `attempts` times at most. */
export async function modify(
  { read, write, pause }: ConditionalAccess,
  change: (user: User) => UserPatch | Promise<UserPatch>,
  attempts: number,
): Promise<TaggedUser> {
  for (let round = 1; ; round += 1) {
    const { user, etag } = await read();
    const patch = await change(user);
    try {
      return await write(patch, etag);
    } catch (error) {
      if (!isProblem(error, "precondition-failed") || round >= attempts) throw error;
    }
    await pause(round);
  }
}

/**
 * Settles a conditional change whose answer may have been lost: when an attempt was repeated and the repetition found
 * another state, that state may be our own. Gives what is read when it holds all of the change; rejects with `error` otherwise.
 */
export async function settleUpdate<State>(
  error: unknown,
  holds: (state: State) => boolean,
  read: () => Promise<State>,
): Promise<State> {
  if (!mayHaveWorked(error)) throw error;
  const current = await read();
  if (!holds(current)) throw error;
  return current;
}

/** The same for a deletion, which worked when there is nothing to read any more: when that rejects with `absent`. */
export async function settleDeletion(error: unknown, absent: ProblemCode, read: () => Promise<unknown>): Promise<void> {
  if (!mayHaveWorked(error)) throw error;
  try {
    await read();
  } catch (readError) {
    if (isProblem(readError, absent)) return;
    throw readError;
  }
  throw error;
}

function mayHaveWorked(error: unknown): boolean {
  return isProblem(error, "precondition-failed") && error.attempts > 1;
}

/** Whether the user is as the patch wants it. Compares as the service stores: names and addresses in lower case, full names trimmed and composed. */
export function holdsPatch(user: User, { username, email, full_name: fullName }: UserPatch): boolean {
  return (
    (username === undefined || user.username === username.toLowerCase()) &&
    (email === undefined || user.email === email.toLowerCase()) &&
    (fullName === undefined || user.full_name === fullName.normalize("NFC").trim())
  );
}
