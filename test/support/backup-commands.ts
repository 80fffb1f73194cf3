import { randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import pg from "pg";

import { migrate } from "../../tools/db/migrate.ts";
import { BACKUP_POSTGRES_PROGRAMS, BACKUP_POSTGRES_URL } from "./debian-postgres.ts";
import { type LongCommand, startCommand } from "./long-command.ts";

/** Folder of the system's PostgreSQL programs. */
export const programsFolder = (): string => process.env[BACKUP_POSTGRES_PROGRAMS] ?? "";

export interface CommandRun {
  readonly exitCode: number | null;
  readonly output: string;
}

const SCRIPTS = { backup: "tools/backup/command/backup.ts", drill: "tools/backup/command/drill.ts" } as const;

/** Starts a command with nothing in its environment but what is named and what programs need. */
export function startBackupCommand(
  name: keyof typeof SCRIPTS,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): LongCommand {
  const { PATH, HOME, TMPDIR } = process.env;
  return startCommand(SCRIPTS[name], args, { PATH, HOME, TMPDIR, ...environment });
}

/** Runs a command to its end. */
export async function runBackupCommand(...command: Parameters<typeof startBackupCommand>): Promise<CommandRun> {
  const { exited, output } = startBackupCommand(...command);
  return { exitCode: await exited, output: output() };
}

/** Opens a connection for some work. */
export async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Creates a database on the server of these tests, empty or migrated; gives its URL. */
export async function createTestDatabase({ isMigrated = false } = {}): Promise<string> {
  const url = new URL(process.env[BACKUP_POSTGRES_URL] ?? "");
  const name = `backup_${randomBytes(6).toString("hex")}`;
  await withClient(url.href, (client) => client.query(`CREATE DATABASE ${name}`));
  url.pathname = `/${name}`;
  if (isMigrated) await migrate({ postgresUrl: url.href, log: () => {} });
  return url.href;
}

/** A folder that goes with the test. */
export function makeFolder(onTestFinished: (clean: () => void) => void): string {
  const folder = mkdtempSync(path.join(tmpdir(), "backup-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** What a folder holds, what begins with a dot included. */
export const filesIn = (folder: string): readonly string[] => readdirSync(folder).toSorted();
