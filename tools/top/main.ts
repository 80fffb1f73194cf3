// `npm run top`: what /metrics says, live in a terminal. See options.ts for the help text.
import path from "node:path";

import { listenForInterrupts } from "../command/interrupts.ts";
import { UsageError } from "../command/usage-error.ts";
import { parseOptions as parseStartOptions } from "../dev/options.ts";
import { findTelemetry, telemetryFiles } from "../telemetry/local-telemetry.ts";
import { HELP, parseTopOptions, type TopOptions } from "./options.ts";
import { ScrapeError } from "./scrape.ts";
import { columnsOf, createScreen } from "./screen.ts";
import type { Summary } from "./summary.ts";
import { wrap } from "./table.ts";
import { formatView } from "./view.ts";
import { lookOnce, watch } from "./watch.ts";

const UNREACHABLE = 3;
const INTERRUPTED = 130;

const root = path.resolve(import.meta.dirname, "../..");
const screen = createScreen(process.stdout);
// However it ends, also by an error that nobody caught.
process.once("exit", () => screen.close());
const signal = listenForInterrupts({ onSecond: () => INTERRUPTED, takesClosedOutput: true });

process.exitCode = await main();

async function main(): Promise<number> {
  try {
    const options = parseTopOptions(process.argv.slice(2), process.env, findLocal());
    if (options === null) {
      process.stdout.write(HELP);
      return 0;
    }
    return options.isOnce ? await showOnce(options) : await showLive(options);
  } catch (error) {
    if (signal.aborted) return INTERRUPTED;
    if (error instanceof UsageError) {
      console.error(`${error.message}\nSee npm run top -- --help`);
      return 2;
    }
    if (!(error instanceof ScrapeError)) throw error;
    console.error(error.message);
    return error.isUnreachable ? UNREACHABLE : 1;
  }
}

/** What `npm start` with this PORT and DATA_DIR serves. */
function findLocal() {
  const { dataDir, port } = parseStartOptions({ args: [], env: process.env, devVars: {}, root });
  return findTelemetry(telemetryFiles(dataDir, port));
}

async function showOnce(options: TopOptions): Promise<number> {
  if (process.stderr.isTTY) console.error(`Looking at ${options.target.url} for ${options.intervalMs / 1_000} s.`);
  const summary = await lookOnce(options, signal);
  if (options.isJson) writeJson(summary);
  else process.stdout.write(`${view(summary, options).join("\n")}\n`);
  return 0;
}

async function showLive(options: TopOptions): Promise<number> {
  const { intervalMs, isJson, target } = options;
  let last: Summary | null = null;
  const say = (text: string): void => {
    const lines = wrap(text.split(" "), " ", columnsOf(process.stdout));
    screen.show(last === null ? lines : [...lines, "", ...view(last, options)]);
  };
  if (!isJson) process.stdout.on("resize", () => last !== null && screen.show(view(last, options)));
  await watch(
    options,
    {
      onSummary(summary) {
        last = summary;
        if (isJson) writeJson(summary);
        else screen.show(view(summary, options));
      },
      onFirst() {
        if (!isJson) say(`${target.url} answers; the first table comes in ${intervalMs / 1_000} s.`);
      },
      onFailure({ message }) {
        const text = `${message} Trying again every ${intervalMs / 1_000} s.`;
        if (isJson || !process.stdout.isTTY) console.error(text);
        else say(text);
      },
    },
    signal,
  );
  return 0;
}

function view(summary: Summary, { target }: TopOptions): string[] {
  const time = new Date().toTimeString().slice(0, 8);
  return formatView(summary, { columns: columnsOf(process.stdout), time, url: target.url });
}

function writeJson(summary: Summary): void {
  process.stdout.write(`${JSON.stringify({ at: new Date().toISOString(), ...summary })}\n`);
}
