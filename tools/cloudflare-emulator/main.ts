// `npm run emulator:serve`: the emulated Cloudflare alone, for wrangler by hand. See serve/options.ts for the help text.
import path from "node:path";

import { formatHelp, parseServeOptions } from "./serve/options.ts";
import { runServe } from "./serve/run.ts";
import { formatGreeting } from "./serve/text.ts";

const COMMAND = {
  command: "npm run emulator:serve",
  root: path.resolve(import.meta.dirname, "../.."),
  stateDir: ".data/cloudflare-emulator",
};

if (import.meta.main) {
  process.exitCode = await runServe({
    command: COMMAND.command,
    help: formatHelp(COMMAND),
    parse: (args) => parseServeOptions(args, COMMAND),
    start: (_options, { emulator }) => Promise.resolve(formatGreeting(emulator)),
  });
  process.exit();
}
