// `npm run setup`: makes what ops/desired-state.ts asks for. See ops/command/options.ts for the help text.
import { setTimeout as sleep } from "node:timers/promises";

import { listenForInterrupts } from "../../tools/command/interrupts.ts";
import { UsageError } from "../../tools/command/usage-error.ts";
import { ROOT } from "../../tools/process/run-script.ts";
import { workerOf } from "../../tools/release/cloudflare/worker-name.ts";
import { askYesOrNo } from "../../tools/release/command/confirm.ts";
import { type Accounts, readAccounts, readEmulatorAddresses } from "../command/environment.ts";
import { HELP, parseSetupOptions, type SetupOptions } from "../command/options.ts";
import { createDatabaseAdmin } from "../database/admin.ts";
import { DESIRED_STATE, type EnvironmentName } from "../desired-state.ts";
import { createNeonApi } from "../neon/api.ts";
import { createNeonClient } from "../neon/client.ts";
import { createGithubStore } from "../secrets/github-store.ts";
import { createPrintStores } from "../secrets/print-store.ts";
import type { Stores } from "../secrets/stores.ts";
import { findWorkerAddress } from "../secrets/worker-address.ts";
import { createWranglerStore } from "../secrets/wrangler-store.ts";
import { createWrangler } from "../secrets/wrangler.ts";
import { runSetup, type SetupOutcome, type SetupSession } from "./run.ts";
import { createSite } from "./site.ts";

const EXIT_CODES: Readonly<Record<SetupOutcome, number>> = {
  done: 0,
  planned: 0,
  "nothing-to-do": 0,
  declined: 1,
  refused: 3,
  interrupted: 130,
};

const LAST_WORDS: Readonly<Record<SetupOutcome, string>> = {
  done: "Done. Another run has nothing to do.",
  planned: "Nothing was changed: --dry-run.",
  "nothing-to-do": "Nothing to do.",
  declined: "Nothing was changed.",
  refused: "Nothing was changed: the lines with ! come first.",
  interrupted: "Interrupted. What was done stays; run it again, and it goes on from there.",
};

const print = (text: string): void => void process.stdout.write(`${text}\n`);

async function main(): Promise<number> {
  const options = parseSetupOptions(process.argv.slice(2));
  if (options === null) {
    process.stdout.write(HELP);
    return 0;
  }
  const isInteractive = process.stdin.isTTY === true && process.stdout.isTTY === true;
  if (!options.isDryRun && !options.isConfirmed && !isInteractive) {
    throw new UsageError("Nobody is here to confirm the plan: give --yes, or --dry-run to see it.");
  }
  const accounts = readAccounts(process.env);
  const signal = listenForInterrupts({
    onFirst: () => print("Interrupted: stopping where another run can go on. A second Ctrl-C ends at once."),
    onSecond: () => EXIT_CODES.interrupted,
  });
  print(`Neon ${accounts.neon.apiUrl}, Cloudflare account ${accounts.cloudflare.accountId}\n`);
  const outcome = await runSetup(openSession(options, accounts, signal)).catch((error: unknown) => {
    if (signal.aborted) return "interrupted" as const;
    throw error;
  });
  print(`\n${LAST_WORDS[outcome]}`);
  return EXIT_CODES[outcome];
}

function openSession(options: SetupOptions, accounts: Accounts, signal: AbortSignal): SetupSession {
  const { neon: access, cloudflare } = accounts;
  const wait = async (ms: number, stop = signal): Promise<void> => sleep(ms, undefined, { signal: stop });
  const note = (text: string): void => print(`          ${text}`);
  const client = createNeonClient({ ...access, sleep: wait, signal, random: Math.random, note });
  const neon = createNeonApi({ client, sleep: wait }, access.orgId);
  return {
    desired: DESIRED_STATE,
    neon,
    site: createSite(neon, DESIRED_STATE),
    databases: createDatabaseAdmin(note),
    stores: openStores(options, cloudflare, note, signal),
    cloudflare,
    workerVariables: readEmulatorAddresses(process.env).workerVariables,
    selected: options.selected,
    isDryRun: options.isDryRun,
    confirm: () =>
      options.isConfirmed
        ? Promise.resolve(true)
        : askYesOrNo("Do this?", { input: process.stdin, output: process.stdout }, signal),
    print,
    hasColor: process.stdout.isTTY === true && !process.env["NO_COLOR"],
    signal,
  };
}

function openStores(
  { workerStore, pipelineStore }: SetupOptions,
  cloudflare: Accounts["cloudflare"],
  note: (text: string) => void,
  signal: AbortSignal,
): Stores {
  const printed = createPrintStores(print);
  const wrangler = createWrangler({ cwd: ROOT, environment: process.env, ...cloudflare }, signal);
  const address = (env: EnvironmentName): Promise<string> => findWorkerAddress(workerOf(env), cloudflare);
  return {
    worker: workerStore === "print" ? printed.worker : createWranglerStore(wrangler, address, note),
    pipeline: pipelineStore === "print" ? printed.pipeline : createGithubStore(),
  };
}

try {
  process.exitCode = await main();
} catch (error) {
  const isUsage = error instanceof UsageError;
  const message = error instanceof Error ? error.message : String(error);
  console.error(isUsage ? `${message}\nSee npm run setup -- --help` : `\nerror: ${message}`);
  process.exitCode = isUsage ? 2 : 1;
}
