import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import type { Cleanup } from "../../tools/command/cleanup.ts";
import type { CommandContext } from "../../tools/command/run-command.ts";
import { buildApi } from "../../tools/workerd/api-bundle.ts";
import { startGatewayProcess } from "../../tools/workerd/gateway-process.ts";
import { recordAnswers } from "../recording/record-answers.ts";
import { recordProblems } from "../recording/record-problems.ts";
import { recordStatements } from "../recording/record.ts";
import { startRecorder } from "../recording/recorder.ts";
import { startApi } from "../variants/api.ts";
import { startDatabase } from "./database.ts";
import type { BenchStack, Recording } from "./stack.ts";

/** Starts PostgreSQL and the gateway, builds the API, and records what it does. */
export async function startStack({ cleanup, progress, signal }: CommandContext): Promise<BenchStack> {
  const folder = createFolder(cleanup);
  progress.line("building the Worker; starting PostgreSQL and the gateway");
  const [api, { database, gateway }] = await Promise.all([
    buildApi(path.join(folder, "build")),
    startDatabase(cleanup).then(async (started) => ({
      database: started,
      gateway: await startGatewayProcess(started.url, folder, cleanup),
    })),
  ]);
  signal.throwIfAborted();
  const recording = await record({ folder, database, gateway, api });
  await database.restore();
  signal.throwIfAborted();
  return { folder, database, gateway, api, recording };
}

/** A temporary folder that is gone afterwards. */
export function createFolder(cleanup: Cleanup): string {
  const folder = mkdtempSync(path.join(tmpdir(), "bench-"));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  cleanup.add(remove);
  process.once("exit", remove);
  return folder;
}

async function record(parts: Omit<BenchStack, "recording">): Promise<Recording> {
  const recorder = await startRecorder(parts.gateway.endpoint);
  try {
    const api = await startApi(parts, { endpoint: recorder.endpoint });
    try {
      const statements = await recordStatements(api.origin, recorder);
      await parts.database.restore();
      const problems = await recordProblems(api.origin);
      return { statements, problems, answers: await recordAnswers(api.origin, parts.database) };
    } finally {
      await api.stop();
    }
  } finally {
    await recorder.close();
  }
}
