import { writeFileSync } from "node:fs";
import path from "node:path";

import type { CommandContext } from "../../tools/command/run-command.ts";
import { buildApi } from "../../tools/workerd/api-bundle.ts";
import { startGatewayProcess } from "../../tools/workerd/gateway-process.ts";
import type { BenchOptions } from "../command/options.ts";
import { runProgram } from "../load/program.ts";
import { describeMachine } from "../report/machine.ts";
import { writeReport } from "../report/write.ts";
import { BENCH_KEY } from "../scenarios/keys.ts";
import { startDatabase } from "../stack/database.ts";
import { createFolder } from "../stack/start-stack.ts";
import { startApi } from "../variants/api.ts";
import type { OverloadJob, Stretch, StretchResult } from "./job.ts";
import { judgeOverload } from "./judge.ts";
import { toOverloadReport } from "./report.ts";
import { capacityOf, recoveryOf, toLoadPoint } from "./summary.ts";

/** A database that serves so many at once, each in so many milliseconds: far less than the processors could. */
const SESSIONS = 8;
const SERVICE_MS = 40;
/** Keeps all sessions busy, also on a busy machine; the queue is far from a deadline. */
const CAPACITY_CONNECTIONS = 24;
const CAPACITY_SECONDS = 8;

/** Loads offered, as parts of the capacity; the last one shows the way back. */
const FACTORS = [0.5, 1, 1.5, 2, 3, 0.5];
const EXIT_INCONCLUSIVE = 75;

/** Draws the load that is offered against what comes of it. */
export async function runOverloadCommand(options: BenchOptions, context: CommandContext): Promise<number> {
  const { progress } = context;
  const { folder, origin, version, assertAlive } = await startSlowStack(context);
  const load = createLoad(folder, origin, context.signal);
  progress.line("finding the capacity");
  const [found] = await load([{ kind: "closed", connections: CAPACITY_CONNECTIONS, seconds: CAPACITY_SECONDS }]);
  const capacity = found === undefined ? 0 : capacityOf(found);
  if (capacity === 0) throw new Error("nothing is served, even without overload");
  const { seconds } = options;
  progress.line(`${capacity.toFixed(0)} requests a second; ${FACTORS.join(", ")} times that, ${seconds} s each`);
  const results = await load(FACTORS.map((factor) => ({ kind: "open", rate: factor * capacity, seconds })));
  assertAlive();
  progress.end();
  const points = results.map((result, place) => toLoadPoint(FACTORS[place] ?? 0, result));
  const last = results.at(-1);
  const recoveryMs = last === undefined ? null : recoveryOf(last);
  const verdict = judgeOverload(points, recoveryMs);
  const machine = describeMachine(version, null);
  const settings = { sessions: SESSIONS, serviceMs: SERVICE_MS, seconds };
  const report = toOverloadReport({ machine, settings, capacity, points, recoveryMs, verdict });
  const files = writeReport(report, { ...options, scratchName: "overload" });
  console.log(["", report.markdown.trim(), "", ...files].join("\n"));
  if (verdict.problems.length === 0) return 0;
  return verdict.isInconclusive ? EXIT_INCONCLUSIVE : 1;
}

async function startSlowStack(context: CommandContext) {
  const { cleanup, progress, signal } = context;
  const folder = createFolder(cleanup);
  progress.line("building the Worker; starting PostgreSQL and a gateway that is slow");
  const [api, database] = await Promise.all([buildApi(path.join(folder, "build")), startDatabase(cleanup)]);
  signal.throwIfAborted();
  const slowness = ["--pool-size", String(SESSIONS), "--service-ms", String(SERVICE_MS)];
  const gateway = await startGatewayProcess(database.url, folder, cleanup, slowness);
  const server = await startApi({ folder, api, gateway });
  cleanup.add(() => server.stop());
  return { folder, origin: server.origin, version: database.version, assertAlive: () => server.assertAlive() };
}

/** Makes load from a process of its own. */
function createLoad(folder: string, origin: string, signal: AbortSignal) {
  return async (stretches: readonly Stretch[]): Promise<readonly StretchResult[]> => {
    const file = path.join(folder, "overload.json");
    const job: OverloadJob = { origin, apiKey: BENCH_KEY, stretches };
    writeFileSync(file, JSON.stringify(job), { mode: 0o600 });
    const script = path.join(import.meta.dirname, "load-process.ts");
    return JSON.parse(await runProgram(process.execPath, ["--no-warnings", script, file], signal));
  };
}
