import { spawn } from "node:child_process";

import { stopGroup } from "../../tools/process/group.ts";
import { waitForAnswer } from "../../tools/process/wait-for-answer.ts";
import { COMPILE_CACHE } from "./compile-cache.ts";

/** `npx wrangler dev`, as somebody types it, without a terminal. */
export interface WranglerDev {
  readonly url: URL;
  /** All that it wrote so far, to both streams, without colours. */
  output(): string;
  stop(): Promise<void>;
}

/** Of the outside, only what a program needs to run: no variable of the Worker comes in by it. */
const environmentOf = (home: string) => ({
  ...COMPILE_CACHE,
  PATH: process.env["PATH"] ?? "",
  HOME: home,
  CI: "1",
  NO_COLOR: "1",
  WRANGLER_SEND_METRICS: "false",
  WRANGLER_SEND_ERROR_REPORTS: "false",
});

/** Starts it in a project, on a free port; resolves when it answers, rejects with its output when it ends before. */
export async function startWranglerDev(folder: string, home: string): Promise<WranglerDev> {
  const child = spawn("npx", ["wrangler", "dev", "--port", "0", "--inspector-port", "0"], {
    cwd: folder,
    env: environmentOf(home),
    stdio: ["ignore", "pipe", "pipe"],
    detached: process.platform !== "win32",
    shell: process.platform === "win32",
  });
  let output = "";
  const address = new Promise<URL>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        output += text;
        const [, url] = /Ready on (http:\/\/\S+)/.exec(output) ?? [];
        if (url !== undefined) resolve(new URL(url));
      });
    }
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`wrangler dev ended with ${code}:\n${output}`)));
  });
  try {
    const url = await address;
    await waitForAnswer(new URL("/health", url).href, () => child.exitCode === null);
    return { url, output: () => output, stop: () => stopGroup(child) };
  } catch (error) {
    await stopGroup(child);
    throw error;
  }
}
