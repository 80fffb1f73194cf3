import { z } from "zod";

import { type ProgramRun, runProgram } from "./run-program.ts";
import type { PipelineStore } from "./stores.ts";

const names = z.array(z.object({ name: z.string() }));
const NOT_FOUND = /HTTP 404/;

/** Runs GitHub's own program, which knows who is logged in and which repository this is. */
export type RunGh = (args: readonly string[], input?: string) => Promise<ProgramRun>;

/** Keeps what releases need in an environment of the GitHub repository. */
export function createGithubStore(run: RunGh = runGh): PipelineStore {
  const list = async (kind: "secret" | "variable", env: string): Promise<readonly string[]> => {
    const result = await run([kind, "list", "--env", env, "--json", "name"]);
    if (result.exitCode !== 0 && NOT_FOUND.test(result.stderr)) return [];
    return names.parse(JSON.parse(succeeded(result, `gh ${kind} list`).stdout)).map(({ name }) => name);
  };
  return {
    place: "GitHub",
    look: async (env) => ({ secrets: await list("secret", env), variables: await list("variable", env) }),
    async keep(env, { secrets, variables }) {
      await makeEnvironment(run, env);
      for (const [name, value] of Object.entries(secrets)) {
        succeeded(await run(["secret", "set", name, "--env", env], value), `gh secret set ${name}`);
      }
      for (const [name, value] of Object.entries(variables)) {
        succeeded(await run(["variable", "set", name, "--env", env], value), `gh variable set ${name}`);
      }
    },
  };
}

/** Only when it is missing: writing it again would take away its reviewers. */
async function makeEnvironment(run: RunGh, env: string): Promise<void> {
  const path = `repos/{owner}/{repo}/environments/${env}`;
  const found = await run(["api", path, "--silent"]);
  if (found.exitCode === 0) return;
  if (!NOT_FOUND.test(found.stderr)) succeeded(found, `gh api ${path}`);
  succeeded(await run(["api", "--method", "PUT", path, "--silent"]), `gh api --method PUT ${path}`);
}

function succeeded(run: ProgramRun, command: string): ProgramRun {
  if (run.exitCode === 0) return run;
  throw new Error(`${command} failed: ${run.stderr.trim()}\nIs somebody logged in? gh auth status`);
}

async function runGh(args: readonly string[], input?: string): Promise<ProgramRun> {
  try {
    return await runProgram("gh", args, input);
  } catch (error) {
    if (!(error instanceof Error) || !("code" in error) || error.code !== "ENOENT") throw error;
    throw new Error("GitHub's program gh is not installed: see cli.github.com, or give --store print", {
      cause: error,
    });
  }
}
