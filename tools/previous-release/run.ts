import { randomBytes } from "node:crypto";
import path from "node:path";

import { MIGRATIONS_FOLDER, readJournal } from "../db/migration-files.ts";
import { findUnreleased, readReleased } from "../db/released-migrations.ts";
import { buildWorker } from "../dev/worker/build.ts";
import { type PostgresServer, startPostgres } from "../postgres/index.ts";
import type { SmokeReport } from "../smoke/report.ts";
import { type Checks, createChecks } from "./checks.ts";
import { findNamed, findPreviousRelease, type PreviousRelease, unpack } from "./history.ts";
import { checkNewOnOld } from "./new-on-old.ts";
import { createOldCommands } from "./old-commands.ts";
import { checkOldOnNew } from "./old-on-new.ts";
import type { PreviousReleaseOptions } from "./options.ts";

export interface RunContext {
  /** Of the project. */
  readonly root: string;
  /** Empty; the caller removes it. */
  readonly folder: string;
  readonly report: SmokeReport;
  readonly signal: AbortSignal;
  readonly onStarted: (stop: () => Promise<void>) => void;
}

/** Examines the previous release on this checkout's schema, and this checkout on an older one. @throws NoHistoryError */
export async function testPreviousRelease({ commit }: PreviousReleaseOptions, context: RunContext): Promise<Checks> {
  const { root, folder, report, signal, onStarted } = context;
  const previous = await (commit === null ? findPrevious(root) : findNamed(root, commit));
  report.note(
    `Previous release: ${previous.label}, ${previous.commit.slice(0, 12)}. Building both, starting PostgreSQL`,
  );
  const inFolder = (name: string): string => path.join(folder, name);
  const [source, oldBundle, newBundle] = [inFolder("previous"), inFolder("previous-bundle"), inFolder("bundle")];
  await unpack(root, previous.commit, source);
  const commands = createOldCommands(source, signal);
  await commands.install();
  const [postgres] = await Promise.all([
    startDatabaseServer(onStarted),
    buildWorker({ root: source, outDir: oldBundle }),
    buildWorker({ root, outDir: newBundle }),
  ]);
  signal.throwIfAborted();
  const checks = createChecks(report);
  const apiKey = randomBytes(32).toString("hex");
  const oldDatabase = await postgres.createDatabase();
  await checkOldOnNew({ checks, commands, bundleDir: oldBundle, postgresUrl: oldDatabase, apiKey });
  signal.throwIfAborted();
  const newDatabase = await postgres.createDatabase();
  await checkNewOnOld({
    checks,
    bundleDir: newBundle,
    postgresUrl: newDatabase,
    apiKey,
    folder: inFolder("migrations"),
  });
  return checks;
}

async function startDatabaseServer(onStarted: RunContext["onStarted"]): Promise<PostgresServer> {
  const server = await startPostgres();
  onStarted(() => server.close());
  return server;
}

async function findPrevious(root: string): Promise<PreviousRelease> {
  const names = await readJournal(MIGRATIONS_FOLDER);
  const unreleased = findUnreleased(
    names.map((name) => ({ name })),
    readReleased(MIGRATIONS_FOLDER),
  );
  return await findPreviousRelease(root, unreleased.length > 0 ? unreleased.map(({ name }) => name) : names.slice(-1));
}
