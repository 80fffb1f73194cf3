import { EVENTS_NAME } from "./events-worker.ts";

/** Of `events/wrangler.toml`, with how often they run; the local runtime has no clock for them. */
const CRONS = [
  { cron: "* * * * *", everyMs: 60_000 },
  { cron: "23 * * * *", everyMs: 3_600_000 },
] as const;

/** Runs the cron triggers of a local events Worker for as long as the process lives. */
export function runCronTriggers(served: { runCron(cron: string, companion: string): Promise<string> }): void {
  for (const { cron, everyMs } of CRONS) {
    // The runtime may be about to be replaced: the next time it is there again.
    setInterval(() => void served.runCron(cron, EVENTS_NAME).catch(() => undefined), everyMs).unref();
  }
}
