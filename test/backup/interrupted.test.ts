import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";

import { beforeAll, describe, test } from "vitest";

import { reachableBase } from "../../tools/postgres/embedded/instance-folder.ts";
import { findRunAs } from "../../tools/postgres/embedded/run-as.ts";
import { commandOf } from "../../tools/process/processes.ts";
import {
  createTestDatabase,
  filesIn,
  makeFolder,
  runBackupCommand,
  startBackupCommand,
  withClient,
} from "../support/backup-commands.ts";
import { fillDatabase } from "../support/backup-data.ts";
import { waitForOutput } from "../support/long-command.ts";

const POLL = { timeout: 40_000, interval: 50 };

let url: string;

beforeAll(async () => {
  url = await createTestDatabase({ isMigrated: true });
  await withClient(url, fillDatabase);
});

/** Command lines of all processes that mention a text. */
const processesOf = (text: string): readonly string[] =>
  readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => commandOf(Number(pid)) ?? "")
    // The process that waits for the end is no part of it.
    .filter((command) => command.includes(text) && !command.includes("end-marked"));

describe("a backup that is ended in the middle", () => {
  test.for([
    ["SIGINT", 130],
    ["SIGTERM", 130],
    ["SIGKILL", null],
  ] as const)("by %s leaves no file and no pg_dump", async ([signal, code], { expect, onTestFinished }) => {
    const folder = makeFolder(onTestFinished);
    await withClient(url, async (client) => {
      // Holds pg_dump where it is.
      await client.query("BEGIN; LOCK TABLE users");
      const { child, exited } = startBackupCommand("backup", ["--out", folder], { DATABASE_URL: url });
      await expect.poll(() => processesOf(folder).some((line) => line.includes("--format=custom")), POLL).toBe(true);
      expect(filesIn(folder)).toEqual([expect.stringMatching(/^\.partial-\d+-/)]);
      child.kill(signal);
      expect(await exited).toBe(code);
      // A run that could clean up has done so when it ends; after the others, the process beside it does.
      if (code !== null) expect(filesIn(folder)).toEqual([]);
      await expect.poll(() => [...filesIn(folder), ...processesOf(`${folder}/.partial`)], POLL).toEqual([]);
    });
  });

  test("removes what a run left behind that lost its power", async ({ expect, onTestFinished }) => {
    const folder = makeFolder(onTestFinished);
    // No process has this id: it is above the greatest.
    const left = path.join(folder, ".partial-99999999-abc");
    mkdirSync(left);
    writeFileSync(path.join(left, "half.dump"), "half");
    await runBackupCommand("backup", ["--out", folder], { DATABASE_URL: url });
    expect(filesIn(folder)).toHaveLength(3);
  });
});

describe("a drill that is ended in the middle", () => {
  const base = reachableBase(findRunAs());
  const foldersOf = (pid: number | undefined): readonly string[] =>
    readdirSync(base).filter((name) => name.startsWith(`restore-drill-${pid}-`));

  test.for([
    ["SIGINT", 130],
    ["SIGKILL", null],
  ] as const)("by %s leaves no server and no data", async ([signal, code], { expect, onTestFinished }) => {
    const folder = makeFolder(onTestFinished);
    await runBackupCommand("backup", ["--out", folder], { DATABASE_URL: url });
    const command = startBackupCommand("drill", ["--file", folder]);
    await waitForOutput(command, "Restoring into");
    expect(foldersOf(command.child.pid)).toHaveLength(1);
    command.child.kill(signal);
    expect(await command.exited).toBe(code);
    if (code !== null) expect(foldersOf(command.child.pid)).toEqual([]);
    await expect.poll(() => foldersOf(command.child.pid), POLL).toEqual([]);
    await expect.poll(() => processesOf(`restore-drill-${command.child.pid}-`), POLL).toEqual([]);
  });
});
