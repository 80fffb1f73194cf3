import { writeFileSync } from "node:fs";
import path from "node:path";

import { type Build, type BuildSource, buildToMeasure, measureStartupMs } from "../../tools/bundle/builds.ts";
import type { ApiBundle } from "../../tools/workerd/api-bundle.ts";
import { startWorkerd } from "../../tools/workerd/start-workerd.ts";
import { ROOT } from "../../tools/workerd/wrangler-packages.ts";
import { bundleWorker } from "../stack/bundle-worker.ts";
import { startApi } from "../variants/api.ts";
import { processorMs } from "./processor-time.ts";

/** A Worker whose start is measured. */
export interface Starter {
  readonly name: "api" | "empty";
  readonly build: Build;
  /** Milliseconds of a processor that its global scope takes. */
  readonly measureCpu: () => Promise<number>;
  readonly measureFirstAnswer: () => Promise<FirstAnswer>;
}

/** What passes from the start of a process to its first answer. */
export interface FirstAnswer {
  readonly milliseconds: number;
  /** Of all processors. */
  readonly processorMs: number;
}

/** No database is asked by what is measured, but the configuration has to name one. */
const NO_GATEWAY = {
  connectionString: "postgresql://nobody:nothing@localhost/none",
  endpoint: "http://127.0.0.1:9/sql",
};

/** The API. */
export async function createApiStarter(api: ApiBundle, folder: string): Promise<Starter> {
  const source: BuildSource = { config: path.join(ROOT, "wrangler.toml"), env: "production" };
  const build = await buildToMeasure(source, path.join(folder, "measured"));
  return {
    name: "api",
    build,
    measureCpu: () => measureStartupMs(source, build),
    measureFirstAnswer: () => firstAnswer(startApi({ folder, gateway: NO_GATEWAY, api })),
  };
}

/** The empty Worker, built and measured the same way. */
export async function createEmptyStarter({ worker }: ApiBundle, folder: string): Promise<Starter> {
  const entry = path.join(ROOT, "bench/workers/empty.ts");
  const config = path.join(folder, "empty.toml");
  writeFileSync(
    config,
    `name = "empty"\nmain = ${JSON.stringify(entry)}\ncompatibility_date = ${JSON.stringify(worker.compatibilityDate)}\n`,
  );
  const source: BuildSource = { config, env: "" };
  const build = await buildToMeasure(source, path.join(folder, "measured-empty"));
  const script = path.join(folder, "empty.js");
  await bundleWorker(entry, script);
  const start = () =>
    startWorkerd({
      name: "empty",
      script,
      folder: path.join(folder, "empty"),
      probePath: "/",
      worker: { ...worker, bindings: [] },
    });
  return {
    name: "empty",
    build,
    measureCpu: () => measureStartupMs(source, build),
    measureFirstAnswer: () => firstAnswer(start()),
  };
}

async function firstAnswer(start: ReturnType<typeof startWorkerd>): Promise<FirstAnswer> {
  const server = await start;
  const used = processorMs(server.pid);
  await server.stop();
  return { milliseconds: server.startMs, processorMs: used };
}
