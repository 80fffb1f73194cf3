import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";

import { findFreePort } from "../net/listen.ts";
import { type ServerProcess, startServerProcess } from "../process/server-process.ts";
import {
  CONFIG_FILES,
  REFUSED_CALLER,
  toLimiterModule,
  toWorkerdConfig,
  type WorkerDefinition,
} from "./workerd-config.ts";
import { workerdFolder, workerdProgram } from "./wrangler-packages.ts";

export interface WorkerdOptions {
  readonly name: string;
  /** The bundled Worker. */
  readonly script: string;
  readonly worker: WorkerDefinition;
  /** Below a folder that only we can enter: the configuration holds secrets. */
  readonly folder: string;
  /** Path that answers as soon as the Worker is up. */
  readonly probePath: string;
  /** Any free one when absent. */
  readonly port?: number;
  /** Before `serve`'s own, such as those of the inspector. */
  readonly args?: readonly string[];
}

export interface RunningServer extends ServerProcess {
  /** Without a slash at its end. */
  readonly origin: string;
}

/** Serves a Worker in one process of plain workerd, without anything in front of it. */
export async function startWorkerd(options: WorkerdOptions): Promise<RunningServer> {
  const { folder, script, worker, name, probePath, args = [] } = options;
  const port = options.port ?? (await findFreePort());
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  copyFileSync(script, path.join(folder, CONFIG_FILES.script));
  writeFileSync(path.join(folder, CONFIG_FILES.limiter), toLimiterModule(REFUSED_CALLER));
  writeFileSync(path.join(folder, CONFIG_FILES.config), toWorkerdConfig(worker, port), { mode: 0o600 });
  const origin = `http://127.0.0.1:${port}`;
  const server = await startServerProcess({
    name: `${name} (workerd)`,
    program: workerdProgram(),
    args: ["serve", ...args, "-I", workerdFolder(), CONFIG_FILES.config],
    folder,
    logFile: path.join(folder, "output.log"),
    probeUrl: `${origin}${probePath}`,
  });
  return { ...server, origin };
}
