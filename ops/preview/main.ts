// `npm run preview:up`, `preview:down`, `preview:sweep`: a pull request's own database and version. See options.ts for the help text.
import { setTimeout as sleep } from "node:timers/promises";

import { SCOPES } from "../../src/models/principal.ts";
import { listenForInterrupts } from "../../tools/command/interrupts.ts";
import { UsageError } from "../../tools/command/usage-error.ts";
import { mintKey } from "../../tools/keys/api-key.ts";
import { ROOT } from "../../tools/process/run-script.ts";
import { readAccounts, readNeon, readEmulatorAddresses, requireVariables } from "../command/environment.ts";
import { createDatabaseAdmin } from "../database/admin.ts";
import { DESIRED_STATE } from "../desired-state.ts";
import { createGithub, type Github } from "../github/client.ts";
import { createNeonApi } from "../neon/api.ts";
import { createNeonClient } from "../neon/client.ts";
import { createWrangler } from "../secrets/wrangler.ts";
import { formatComment, MARKER, type PreviewState } from "./comment.ts";
import { previewDown, previewSweep } from "./down.ts";
import { HELP, parsePreviewCommand, type PreviewCommand } from "./options.ts";
import { previewUp } from "./up.ts";

const INTERRUPTED = 130;
const FORK_WORDS =
  "No preview: this pull request is from a fork, whose code gets none of our secrets. Whoever reviews it can push it to a branch here.";

const print = (text: string): void => void process.stdout.write(`${text}\n`);

async function main(): Promise<void> {
  const command = parsePreviewCommand(process.argv.slice(2));
  if (command === null) process.stdout.write(HELP);
  else if (command.name === "fork") print(FORK_WORDS);
  else await run(command);
}

async function run(command: Exclude<PreviewCommand, { name: "fork" }>): Promise<void> {
  const { env } = process;
  const access = readNeon(env);
  const signal = listenForInterrupts({ onSecond: () => INTERRUPTED });
  const wait = async (ms: number, stop = signal): Promise<void> => sleep(ms, undefined, { signal: stop });
  const client = createNeonClient({ ...access, sleep: wait, signal, random: Math.random, note: print });
  const tools = { neon: createNeonApi({ client, sleep: wait }, access.orgId), desired: DESIRED_STATE, note: print };
  if (command.name === "sweep") {
    requireVariables(env, ["GITHUB_TOKEN", "GITHUB_REPOSITORY"]);
    await previewSweep((await openGithub()?.openPullRequests()) ?? [], tools);
    return;
  }
  const { pullRequest } = command;
  const tell = (state: PreviewState): Promise<void> => tellPullRequest(pullRequest, state);
  if (command.name === "down") return await previewDown(pullRequest, { ...tools, tell });
  const { cloudflare } = readAccounts(env);
  await previewUp(pullRequest, {
    ...tools,
    tell,
    databases: createDatabaseAdmin(print),
    wrangler: createWrangler({ cwd: ROOT, environment: env, ...cloudflare }, signal),
    apiKey: env["PREVIEW_API_KEY"] || mintKey({ id: "preview", scopes: SCOPES }).key,
    ...readEmulatorAddresses(env),
    now: () => new Date(),
    print,
    sleep: wait,
    signal,
  });
}

function openGithub(): Github | null {
  const { GITHUB_TOKEN: token, GITHUB_REPOSITORY: repository, GITHUB_API_URL: apiUrl } = process.env;
  if (!token || !repository) return null;
  return createGithub({ token, repository, ...(apiUrl ? { apiUrl } : {}) });
}

async function tellPullRequest(pullRequest: number, state: PreviewState): Promise<void> {
  const body = formatComment(state, process.env["PREVIEW_COMMIT"] || null);
  await openGithub()?.comment(pullRequest, MARKER, body);
}

try {
  await main();
} catch (error) {
  const isUsage = error instanceof UsageError;
  const message = error instanceof Error ? error.message : String(error);
  console.error(isUsage ? `${message}\nSee npm run preview:up -- --help` : `error: ${message}`);
  process.exitCode = isUsage ? 2 : message === "interrupted" ? INTERRUPTED : 1;
}
