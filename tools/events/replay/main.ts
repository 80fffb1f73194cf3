// `npm run webhooks:replay`: has events sent to an endpoint again. See options.ts for the help text.
import { runCommand } from "../../command/run-command.ts";
import { HELP, parseReplayOptions, type ReplayOptions } from "./options.ts";
import { replayDeliveries } from "./replay.ts";

async function run(options: ReplayOptions): Promise<number> {
  const { deliveries, isEnabled } = await replayDeliveries(options);
  console.log(deliveries === 0 ? "nothing to do: there is no such delivery" : `${deliveries} deliveries are pending`);
  if (deliveries > 0 && !isEnabled) console.log("The endpoint is disabled: they are sent when it is enabled.");
  return 0;
}

if (import.meta.main) {
  process.exitCode = await runCommand<ReplayOptions>({
    name: "npm run webhooks:replay",
    help: HELP,
    parse: (args) => parseReplayOptions(args),
    run,
  });
}
