import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { commandOf, isRunning, startOf } from "../../process/processes.ts";
import type { RunAs } from "./run-as.ts";

const PREFIX = "users-api-postgres-";
const OWNER_FILE = "owner.json";
const SHUTDOWN_MS = 5_000; // An immediate shutdown takes milliseconds; more means a machine under heavy load.

/** Where one PostgreSQL lives: everything below `root` goes when it does. */
export interface InstanceFolder {
  readonly root: string;
  readonly data: string;
  readonly log: string;
}

/** Makes a fresh folder that `runAs` can enter, with a note of who owns it, after removing what dead owners left. */
export function createInstanceFolder(runAs: RunAs, base = reachableBase(runAs)): InstanceFolder {
  removeOrphans(base);
  const root = mkdtempSync(join(base, PREFIX));
  writeFileSync(join(root, OWNER_FILE), JSON.stringify({ pid: process.pid, start: startOf(process.pid) }));
  chmodSync(root, 0o755);
  const data = join(root, "data");
  mkdirSync(data, { mode: 0o700 });
  if (runAs.uid !== undefined && runAs.gid !== undefined) chownSync(data, runAs.uid, runAs.gid);
  return { root, data, log: join(root, "server.log") };
}

/** Copies the programs below the instance's folder, readable for everyone; returns the copy's place. */
export function copyPrograms(native: string, { root }: InstanceFolder): string {
  const copy = join(root, "native");
  cpSync(native, copy, { recursive: true, verbatimSymlinks: true });
  openForAll(copy);
  return copy;
}

/** Ends the server of a folder at once, if it runs, and deletes the folder; blocks, so that it also works while exiting. */
export function destroyInstance(root: string): void {
  const data = join(root, "data");
  const pid = readServerPid(data);
  // The id may belong to another process by now: only a postgres that was started on this very folder is ended.
  if (pid !== undefined && commandOf(pid)?.includes(`-D ${data} `) === true) {
    process.kill(pid, "SIGQUIT");
    for (let waitedMs = 0; waitedMs < SHUTDOWN_MS && existsSync(join(data, "postmaster.pid")); waitedMs += 10) {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
    }
  }
  rmSync(root, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
}

function removeOrphans(base: string): void {
  for (const name of readdirSync(base)) {
    const root = join(base, name);
    if (!name.startsWith(PREFIX) || !isMine(root)) continue;
    const owner = readOwner(root);
    if (owner === undefined || (isRunning(owner.pid) && startOf(owner.pid) === owner.start)) continue;
    destroyInstance(root);
  }
}

// A folder without a note is one that a concurrent run is just making.
function readOwner(root: string): { pid: number; start: string | undefined } | undefined {
  try {
    const owner: unknown = JSON.parse(readFileSync(join(root, OWNER_FILE), "utf8"));
    if (typeof owner !== "object" || owner === null || !("pid" in owner) || typeof owner.pid !== "number")
      return undefined;
    return { pid: owner.pid, start: "start" in owner && typeof owner.start === "string" ? owner.start : undefined };
  } catch {
    return undefined;
  }
}

function readServerPid(data: string): number | undefined {
  try {
    return Number.parseInt(readFileSync(join(data, "postmaster.pid"), "utf8"), 10);
  } catch {
    return undefined;
  }
}

// In a shared temporary folder anyone may have put a folder with our prefix.
function isMine(root: string): boolean {
  try {
    const stat = lstatSync(root);
    return stat.isDirectory() && (process.getuid === undefined || stat.uid === process.getuid());
  } catch {
    return false;
  }
}

/** A temporary folder that `runAs` can enter. Root's TMPDIR may be closed to the unprivileged user; these two are open to all. */
export function reachableBase(runAs: RunAs): string {
  if (runAs.uid === undefined) return tmpdir();
  const base = ["/tmp", "/var/tmp"].find((folder) => existsSync(folder) && (statSync(folder).mode & 0o001) !== 0);
  if (base === undefined) throw new Error("neither /tmp nor /var/tmp can be entered by an unprivileged user");
  return base;
}

function openForAll(path: string): void {
  const stat = lstatSync(path);
  if (stat.isSymbolicLink()) return;
  chmodSync(path, stat.isDirectory() || (stat.mode & 0o100) !== 0 ? 0o755 : 0o644);
  if (stat.isDirectory()) for (const name of readdirSync(path)) openForAll(join(path, name));
}
