import { spawn } from "node:child_process";

/** Runs a program to its end; its output. Ended at once when the signal aborts. */
export function runProgram(program: string, args: readonly string[], signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    // Ctrl-C reaches a program of our own group as well; it must not be what ends it.
    const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"], detached: true, signal });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => (output += text));
    }
    child.once("error", reject);
    child.once("close", (code) => {
      if (code === 0) resolve(output);
      else reject(new Error(`${program} ended with code ${code}:\n${output.trim()}`));
    });
  });
}
