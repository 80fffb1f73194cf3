import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { busyMs, cpuProfile, leastStartupMs, STARTUP_DANGER_MS } from "../../bundle/measure.ts";
import type { EnvironmentName } from "../command/usage.ts";
import { type ControlPlane, ControlPlaneError, type Deployment, type VersionShare } from "./control-plane.ts";
import { fitMessage } from "./messages.ts";
import { explainFailure, findRefusal, findUploadedId, isUnknownWorker, parseDeployments } from "./wrangler-answers.ts";
import { runWrangler, type WranglerOptions, type WranglerRun } from "./wrangler-process.ts";

export interface WranglerControlPlaneOptions extends WranglerOptions {
  readonly env: EnvironmentName;
  /** Ends calls that only read; what writes is always left to finish. */
  readonly signal?: AbortSignal;
}

export interface WranglerControlPlane extends ControlPlane {
  /**
   * Builds as an upload does, uploads nothing, and evaluates the result here: CPU time until it could serve, in milliseconds.
   * @throws ControlPlaneError
   */
  measureStartup(): Promise<number>;
}

/** Asks Cloudflare through the pinned wrangler, in a process of 1 to 3 seconds for each call. */
export function createWranglerControlPlane(options: WranglerControlPlaneOptions): WranglerControlPlane {
  const run = async (task: string, args: readonly string[], isRead: boolean): Promise<WranglerRun> => {
    const signal = isRead ? options.signal : undefined;
    const result = await runWrangler([...args, "--env", options.env], options, { isRead, signal }).catch(
      (error: unknown) => {
        signal?.throwIfAborted();
        throw new ControlPlaneError(`${task} failed: ${error instanceof Error ? error.message : String(error)}`);
      },
    );
    signal?.throwIfAborted();
    return result;
  };
  const assertDone = (task: string, { exitCode, output }: WranglerRun): void => {
    if (exitCode === 0) return;
    const message = `${task} failed:\n${explainFailure(output, [options.apiToken])}`;
    throw new ControlPlaneError(message, findRefusal(output));
  };
  return {
    async deployments(): Promise<readonly Deployment[]> {
      const task = "Reading the deployments";
      const result = await run(task, ["deployments", "list", "--json"], true);
      if (result.exitCode !== 0 && isUnknownWorker(result.output)) return [];
      assertDone(task, result);
      return readAnswer(task, () => parseDeployments(result.stdout));
    },
    async upload({ tag, message }) {
      const task = "Uploading the version";
      const args = ["versions", "upload", `--tag=${tag}`, `--message=${fitMessage(message)}`];
      const result = await run(task, args, false);
      assertDone(task, result);
      const id = findUploadedId(result.events);
      if (id === null) throw new ControlPlaneError(`${task} gave no id. Look with: npx wrangler versions list`);
      return id;
    },
    async deploy(shares: readonly VersionShare[], message: string) {
      const task = `Deploying ${shares.map(({ versionId, percentage }) => `${versionId.slice(0, 8)} at ${percentage} %`).join(", ")}`;
      const specs = shares.map(({ versionId, percentage }) => `${versionId}@${percentage}%`);
      assertDone(
        task,
        await run(task, ["versions", "deploy", ...specs, "-y", `--message=${fitMessage(message)}`], false),
      );
    },
    async rollBack(versionId, message) {
      const task = `Rolling back to ${versionId}`;
      // Without an id wrangler takes the deployment before the live one: after a rollback that is the bad one.
      assertDone(task, await run(task, ["rollback", versionId, "-y", `--message=${fitMessage(message)}`], false));
    },
    measureStartup: () => measureStartup(async (task, args) => assertDone(task, await run(task, args, true))),
  };
}

/** @param read runs wrangler for something that changes nothing */
async function measureStartup(read: (task: string, args: readonly string[]) => Promise<void>): Promise<number> {
  return await inTemporaryFolder(async (folder) => {
    const [bundle, profile] = [path.join(folder, "bundle"), path.join(folder, "startup.cpuprofile")];
    await read("Building the version", ["versions", "upload", "--dry-run", `--outfile=${bundle}`]);
    const measureOnce = async (): Promise<number> => {
      await read("Measuring the start-up", ["check", "startup", `--worker=${bundle}`, `--outfile=${profile}`]);
      return busyMs(cpuProfile.parse(JSON.parse(await readFile(profile, "utf8"))));
    };
    return await leastStartupMs(measureOnce, STARTUP_DANGER_MS);
  });
}

async function inTemporaryFolder<Result>(work: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = await mkdtemp(path.join(tmpdir(), "release-build-"));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function readAnswer<Answer>(task: string, parse: () => Answer): Answer {
  try {
    return parse();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ControlPlaneError(`${task} gave an answer that cannot be read: ${reason}.`);
  }
}
