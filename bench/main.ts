// `npm run bench`: measures the API beside references, in the same run. See options.ts and help.ts.
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";

import { listenForInterrupts } from "../tools/command/interrupts.ts";
import { UsageError } from "../tools/command/usage-error.ts";
import { createProgress } from "../tools/rehearsal/report/progress.ts";
import { findLoadTool } from "./load/find-tool.ts";
import { type BenchOptions, parseBenchOptions } from "./options.ts";
import { describeMachine } from "./report/machine.ts";
import { runMatrix } from "./run/matrix.ts";
import { summarize } from "./run/summary.ts";
import { createVerify } from "./run/verify.ts";
import { createCleanup } from "./stack/cleanup.ts";
import { startStack } from "./stack/start-stack.ts";
import { ROOT } from "./stack/wrangler-packages.ts";
import { prepareVariants } from "./variants/index.ts";

const INTERRUPTED = 130;

async function main(): Promise<number> {
  try {
    const options = parseBenchOptions(process.argv.slice(2));
    if (options === null) return 0;
    return await run(options);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    console.error(error instanceof UsageError ? reason : `npm run bench failed: ${reason}`);
    return error instanceof UsageError ? 2 : 1;
  }
}

async function run(options: BenchOptions): Promise<number> {
  const progress = createProgress({
    write: (text) => void process.stdout.write(text),
    isTerminal: Boolean(process.stdout.isTTY),
    columns: process.stdout.columns || 80,
    clock: Date.now,
  });
  const signal = listenForInterrupts({
    onFirst: () => progress.line("stopping"),
    onSecond: () => INTERRUPTED,
  });
  const cleanup = createCleanup();
  try {
    const stack = await startStack(cleanup, progress.line);
    const tool = findLoadTool(options.loadTool, stack.folder);
    const variants = await prepareVariants(options.variants, stack);
    const measured = await runMatrix(
      { ...options, variants },
      {
        database: stack.database,
        tool,
        verify: createVerify(stack.database, stack.recording.answers),
        signal,
        onStep: progress.status,
      },
    );
    progress.end();
    const { scenarios: _, variants: __, ...settings } = options;
    const document = {
      machine: describeMachine(stack.database.version, tool, ROOT),
      settings,
      results: summarize(measured),
    };
    if (options.jsonFile !== null) {
      mkdirSync(path.dirname(path.resolve(options.jsonFile)), { recursive: true });
      writeFileSync(options.jsonFile, `${JSON.stringify(document, null, 2)}\n`);
    }
    console.log(JSON.stringify(document.results, (key, value) => (key === "raw" ? undefined : value), 1));
    return 0;
  } catch (error) {
    if (!signal.aborted) throw error;
    progress.line("interrupted; everything is stopped");
    return INTERRUPTED;
  } finally {
    await cleanup.run();
  }
}

if (import.meta.main) {
  process.exitCode = await main();
  process.exit();
}
