import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";

import { isRunning, startOf } from "./processes.ts";

/** A lock file without content is either this young or left over from a crash. */
const EMPTY_LOCK_GRACE_MS = 2_000;

/** A running process holds the lock. */
export class LockHeldError extends Error {
  override readonly name = "LockHeldError";
  /** Who that is, in words: `process 42`. */
  readonly holder: string;

  constructor(file: string, holder: string) {
    super(`${file} is held by ${holder}`);
    this.holder = holder;
  }
}

/**
 * Makes a lock file for this process, and gives the function that releases it; the lock of a process that no longer
 * exists is taken over.
 * @throws LockHeldError while a running process holds it
 */
export function acquireLock(file: string): () => void {
  const mine = describeProcess(process.pid);
  for (let attempt = 0; attempt < 3; attempt++) {
    if (tryCreate(file, mine)) return () => releaseLock(file, mine);
    const holder = read(file);
    if (holder === null) continue;
    if (!isAbandoned(file, holder)) throw held(file, holder);
    takeAway(file, holder);
  }
  throw held(file, read(file) ?? "");
}

/** Pid and start time: a pid alone may belong to another process by now, above all in a restarted container. */
function describeProcess(pid: number): string {
  return `${pid} ${startOf(pid) ?? "?"}`;
}

function isAbandoned(file: string, holder: string): boolean {
  if (holder === "") {
    const stats = statSync(file, { throwIfNoEntry: false });
    return stats !== undefined && Date.now() - stats.mtimeMs > EMPTY_LOCK_GRACE_MS;
  }
  const pid = Number.parseInt(holder, 10);
  // Two owners in one process cannot share what the lock guards either, so our own pid counts as alive.
  return !isRunning(pid) || describeProcess(pid) !== holder;
}

function tryCreate(file: string, content: string): boolean {
  try {
    writeFileSync(file, content, { flag: "wx" });
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
}

/** Renaming is atomic: of several processes one wins, and a lock that changed hands meanwhile is put back. */
function takeAway(file: string, holder: string): void {
  const aside = `${file}.${process.pid}`;
  try {
    renameSync(file, aside);
    if (read(aside) === holder) rmSync(aside);
    else renameSync(aside, file);
  } catch {
    // Somebody else was faster; the next attempt sees who.
  }
}

function releaseLock(file: string, mine: string): void {
  if (read(file) === mine) rmSync(file, { force: true });
}

function held(file: string, holder: string): LockHeldError {
  const pid = Number.parseInt(holder, 10);
  return new LockHeldError(file, Number.isNaN(pid) ? "another process" : `process ${pid}`);
}

function read(file: string): string | null {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return null;
  }
}
