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
  /** A second Worker in the same process. */
  readonly companion?: { readonly script: string; readonly worker: WorkerDefinition };
  /** Before `serve`'s own, such as those of the inspector. */
  readonly args?: readonly string[];
}

export interface RunningServer extends ServerProcess {
  /** Without a slash at its end. */
  readonly origin: string;
  /** The same of the companion; null without one. */
  readonly companionOrigin: string | null;
}

/** Serves a Worker in one process of plain workerd, without anything in front of it. */
export async function startWorkerd(options: WorkerdOptions): Promise<RunningServer> {
  const { folder, name, probePath, companion, args = [] } = options;
  const port = options.port ?? (await findFreePort());
  const companionPort = companion === undefined ? null : await findFreePort();
  writeFiles(options, port, companionPort);
  const origin = originOf(port);
  const server = await startServerProcess({
    name: `${name} (workerd)`,
    program: workerdProgram(),
    args: ["serve", ...args, "-I", workerdFolder(), CONFIG_FILES.config],
    folder,
    logFile: path.join(folder, "output.log"),
    probeUrl: `${origin}${probePath}`,
  });
  return { ...server, origin, companionOrigin: companionPort === null ? null : originOf(companionPort) };
}

const originOf = (port: number): string => `http://127.0.0.1:${port}`;

/** Databases of Durable Objects are what they were, so that one can be started again. */
function writeFiles({ folder, script, worker, companion }: WorkerdOptions, port: number, other: number | null): void {
  const inFolder = (name: keyof typeof CONFIG_FILES): string => path.join(folder, CONFIG_FILES[name]);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  mkdirSync(inFolder("objects"), { recursive: true });
  copyFileSync(script, inFolder("script"));
  if (companion !== undefined) copyFileSync(companion.script, inFolder("companion"));
  writeFileSync(inFolder("limiter"), toLimiterModule(REFUSED_CALLER));
  const second = companion === undefined || other === null ? null : { worker: companion.worker, port: other };
  writeFileSync(inFolder("config"), toWorkerdConfig(worker, port, second), { mode: 0o600 });
}
