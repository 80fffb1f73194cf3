import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";

export interface ProgramRun {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a program of this machine to its end.
 * @param input what it reads: the place for secrets, which anybody on the machine could read in arguments
 * @throws Error with code ENOENT when it is not installed
 */
export async function runProgram(name: string, args: readonly string[], input = ""): Promise<ProgramRun> {
  const child = spawn(name, [...args], { stdio: ["pipe", "pipe", "pipe"] });
  const closed = new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve(code ?? 1));
  });
  child.stdin.on("error", () => undefined); // It has ended without reading: its exit code tells.
  child.stdin.end(input);
  const [exitCode, stdout, stderr] = await Promise.all([closed, text(child.stdout), text(child.stderr)]);
  return { exitCode, stdout, stderr };
}
