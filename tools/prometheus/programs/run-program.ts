import { spawn } from "node:child_process";

export interface ProgramRun {
  readonly exitCode: number;
  /** Standard output and error, as they came. */
  readonly output: string;
}

/** Runs a program to its end with what it reads, if anything; the signal ends it. */
export function runProgram(
  file: string,
  args: readonly string[],
  { cwd, input, signal }: { readonly cwd: string; readonly input?: string; readonly signal: AbortSignal },
): Promise<ProgramRun> {
  const { promise, resolve, reject } = Promise.withResolvers<ProgramRun>();
  const child = spawn(file, args, { cwd, signal, stdio: "pipe" });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => (output += text));
  child.stdin.on("error", () => undefined); // It has ended without reading: its exit code tells.
  child.stdin.end(input ?? "");
  child.once("error", reject);
  child.once("close", (code) => resolve({ exitCode: code ?? 1, output: output.trim() }));
  return promise;
}

/** @throws Error with what the program said when it does not end with 0 */
export async function expectSuccess(...run: Parameters<typeof runProgram>): Promise<string> {
  const { exitCode, output } = await runProgram(...run);
  if (exitCode !== 0) throw new Error(`exit code ${exitCode}\n${output}`);
  return output;
}
