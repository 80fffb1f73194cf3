import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { z } from "zod";

import { startEmulator } from "../../tools/cloudflare-emulator/emulator.ts";
import { ROOT } from "../../tools/process/run-script.ts";
import { runCommand } from "../../tools/rehearsal/scenarios/command.ts";
import { copyProject, type ProjectCopy } from "../../tools/rehearsal/scenarios/project-copy.ts";
import { runWrangler } from "../../tools/rehearsal/stack/deploy.ts";
import { commandEnvironment } from "../../tools/rehearsal/stack/environment.ts";

/** No database is asked here. */
const NO_DATABASE = "postgresql://nobody@127.0.0.1:1/none";

interface ReleaseRun {
  readonly exitCode: number | null;
  readonly output: string;
}

/** A copy of the project, and the emulator that its commands release to. */
export interface RehearsedCompanion {
  readonly emulator: Awaited<ReturnType<typeof startEmulator>>;
  readonly copy: ProjectCopy;
  /** Runs the pinned wrangler in the copy. */
  wrangler(args: readonly string[], folder?: string): Promise<void>;
  /** Commits what has changed in the copy, and runs a command of it as an operator does. */
  run(command: "release" | "rollback", args: readonly string[], env?: Record<string, string>): Promise<ReleaseRun>;
  /** Ids of the versions of a Worker that are live, as the API shows them. */
  live(scriptName: string): Promise<readonly string[]>;
  stop(): Promise<void>;
}

export async function startRehearsedCompanion(): Promise<RehearsedCompanion> {
  const folder = mkdtempSync(path.join(tmpdir(), "companion-"));
  const emulator = await startEmulator({ stateDir: path.join(folder, "emulator"), warmVersions: 0 });
  const copy = await copyProject(ROOT, path.join(folder, "project"));
  const env = commandEnvironment(emulator, NO_DATABASE, ["unused"]);
  const signal = new AbortController().signal;
  return {
    emulator,
    copy,
    wrangler: (args, cwd = copy.folder) => runWrangler(cwd, args, { env, signal }),
    async run(command, args, more = {}) {
      const commit = await copy.commit("feat: what is released");
      const lines: string[] = [];
      const exitCode = await runCommand({
        script: path.join(copy.folder, `tools/release/command/${command}.ts`),
        args: [...args, "--env", "staging"],
        cwd: copy.folder,
        env: { ...env, ...more, RELEASE_VERIFIED_COMMIT: commit },
        onLine: (line) => void lines.push(line),
        signal,
      });
      return { exitCode, output: lines.join("\n") };
    },
    async live(scriptName) {
      const { apiUrl, accountId, apiToken } = emulator;
      const url = `${apiUrl}/accounts/${accountId}/workers/scripts/${scriptName}/deployments`;
      const response = await fetch(url, { headers: { authorization: `Bearer ${apiToken}` } });
      return readLive(await response.json());
    },
    async stop() {
      await emulator.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Newest first, as the API lists deployments. */
function readLive(body: unknown): readonly string[] {
  const { result } = z
    .object({
      result: z.object({
        deployments: z.array(
          z.object({ created_on: z.string(), versions: z.array(z.object({ version_id: z.string() })) }),
        ),
      }),
    })
    .parse(body);
  const [newest] = result.deployments.toSorted((a, b) => b.created_on.localeCompare(a.created_on));
  return newest?.versions.map(({ version_id: id }) => id) ?? [];
}
