import { join } from "node:path";

import { binPath } from "../../process/run-script.ts";
import type { ScenarioRun } from "../report/run.ts";
import { runCommand } from "./command.ts";
import { describeSchema } from "./database-state.ts";
import { type ControlPlaneAccess, type LiveDeployment, readDeployments, soleVersion } from "./live-deployments.ts";
import { fileOfScript } from "./npm-script.ts";
import type { ProjectCopy } from "./project-copy.ts";
import { readReleaseReport, rollbackTimes, sourcesOf } from "./release-report.ts";
import { PARENT, type Scenario } from "./scenarios.ts";
import { candidateOf, hasMissedFault, newDeployments, problemsOf } from "./verdict.ts";

/** What the scenarios run in, one after the other. */
export interface ScenarioWorld {
  readonly copy: ProjectCopy;
  readonly access: ControlPlaneAccess;
  /** The Workers by what is released. */
  readonly workers: Readonly<Record<Scenario["worker"], string>>;
  /** Loses the answer to a batch of metrics, and ends telemetry's objects. */
  readonly disturbTelemetry: () => Promise<void>;
  readonly databaseUrl: string;
  /** A folder for the reports of the commands. */
  readonly reportsFolder: string;
  /** Variables of the commands, beyond those of a scenario. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** How long each step is watched, as the release command takes it. */
  readonly bake: string;
  readonly log: (line: string) => void;
  readonly signal: AbortSignal;
}

export interface ScenarioRunner {
  run(scenario: Scenario): Promise<ScenarioRun>;
}

/** @param parent the version that is live, and the commit that it was made of */
export function createScenarioRunner(
  world: ScenarioWorld,
  parent: { readonly versionId: string; readonly commit: string },
): ScenarioRunner {
  const released = new Map([[PARENT, parent.versionId]]);
  let base = parent.commit;
  let attempts = 0;
  return {
    async run(scenario) {
      const { copy, access, databaseUrl } = world;
      const worker = world.workers[scenario.worker];
      await copy.reset(base);
      scenario.overlay?.(copy);
      const commit = scenario.overlay === null ? base : await copy.commit(`feat: ${scenario.title}`);
      const before = await readDeployments(access, worker);
      const schema = await describeSchema(databaseUrl);
      const startedAt = Date.now();
      const accepted = await prepareTelemetry(scenario, world);
      attempts += 1;
      const reportFile = join(world.reportsFolder, `${attempts}-${scenario.name}.json`);
      const exitCode = await runCommand(commandOf(scenario, commit, reportFile, world));
      const endedAt = Date.now();
      const after = await readDeployments(access, worker);
      const report = readReleaseReport(reportFile);
      const observation = {
        exitCode,
        stage: report?.failedStage ?? null,
        foundBy: sourcesOf(report),
        hasReport: report !== null,
        before,
        after,
        isSchemaTheSame: schema === (await describeSchema(databaseUrl)),
        released,
      };
      const candidate = candidateOf(observation);
      // What was released is what the next one builds upon; what was rejected is taken back.
      if (exitCode === 0 && candidate !== null) {
        released.set(scenario.name, candidate);
        base = commit;
      }
      return {
        scenario,
        startedAt,
        endedAt,
        exitCode,
        stage: observation.stage,
        foundBy: observation.foundBy,
        previous: liveIn(before),
        ...tracesOf(scenario, candidate, newDeployments(observation)),
        ...rollbackTimes(report),
        hasMissedFault: hasMissedFault(scenario, observation),
        isSuperseded: false,
        problems: [...accepted, ...problemsOf(scenario, observation)],
      };
    },
  };
}

/** The faults of most scenarios are frequent: nobody waits for rarer ones. */
const usualArgs = (bake: string): readonly string[] => ["--steps", "10,50,100", "--bake", bake, "--find-one-in", "20"];

/** What the load can see of it: its requests tell about versions of the API. */
function tracesOf(
  { worker }: Scenario,
  candidate: string | null,
  deployments: readonly LiveDeployment[],
): Pick<ScenarioRun, "candidate" | "deployments"> {
  return worker === "api" ? { candidate, deployments } : { candidate: null, deployments: [] };
}

function liveIn(deployments: readonly LiveDeployment[]): string | null {
  return soleVersion(deployments.at(-1));
}

function commandOf(scenario: Scenario, commit: string, reportFile: string, world: ScenarioWorld) {
  const { copy, bake, env, log, signal } = world;
  const target = scenario.worker === "api" ? [] : ["--worker", scenario.worker];
  const common = [...target, "--env", "production", "--yes", "--report", reportFile];
  const isRelease = scenario.command === "release";
  const args = scenario.args ?? (scenario.worker === "api" ? usualArgs(bake) : []);
  return {
    script: join(copy.folder, fileOfScript(copy.read("package.json"), scenario.command)),
    args: isRelease ? [...common, ...args] : common,
    cwd: copy.folder,
    env: { ...env, ...(isRelease ? { RELEASE_VERIFIED_COMMIT: commit } : {}) },
    onLine: (line: string) => log(`${scenario.name.padEnd(14)} | ${line}`),
    signal,
  };
}

/** Disturbs telemetry before it is released; gives what was found to be wrong already. */
async function prepareTelemetry(scenario: Scenario, world: ScenarioWorld): Promise<string[]> {
  if (scenario.worker === "telemetry") await world.disturbTelemetry();
  return scenario.isNoUpload ? await findAcceptedUpload(scenario, world) : [];
}

/** Cloudflare's code for a version that brings a class migration. */
const NO_UPLOAD = "[code: 10211]";

/** Tries what the release must not: to upload a version of telemetry that has a new class. Says so when it is not refused. */
async function findAcceptedUpload(scenario: Scenario, { copy, env, log, signal }: ScenarioWorld): Promise<string[]> {
  const output: string[] = [];
  const exitCode = await runCommand({
    script: binPath("wrangler"),
    args: ["versions", "upload", "--config", "telemetry/wrangler.toml", "--env", "production"],
    cwd: copy.folder,
    env,
    onLine: (line) => void output.push(line),
    signal,
  });
  const refusal = output.find((line) => line.includes(NO_UPLOAD));
  if (exitCode !== 0 && refusal !== undefined) {
    log(`${scenario.name.padEnd(14)} | wrangler versions upload is refused, as it has to be: ${refusal.trim()}`);
    return [];
  }
  return [`wrangler versions upload ended with ${exitCode ?? "no code"} instead of being refused with 10211`];
}
