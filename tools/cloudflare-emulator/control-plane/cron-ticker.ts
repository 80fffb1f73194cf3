import { parseCron } from "./rules/cron.ts";
import type { ScriptRecord } from "./state/records.ts";

const MINUTE_MS = 60_000;

export interface CronTickerOptions {
  readonly scripts: () => readonly ScriptRecord[];
  /** Gives the outcome. */
  readonly runCron: (script: string, cron: string) => Promise<string>;
  readonly now: () => Date;
  readonly log: (line: string) => void;
}

/** Runs cron triggers at the beginning of their minutes; gives a function that stops it. */
export function startCronTicker(options: CronTickerOptions): () => void {
  let timer: NodeJS.Timeout;
  const wait = (): void => {
    const restMs = MINUTE_MS - (options.now().getTime() % MINUTE_MS);
    timer = setTimeout(tick, restMs).unref();
  };
  const tick = (): void => {
    void runDue(options);
    wait();
  };
  wait();
  return () => clearTimeout(timer);
}

/** Runs every trigger that is due in this minute, all at the same time. */
export async function runDue({ scripts, runCron, now, log }: CronTickerOptions): Promise<void> {
  const time = now();
  const due = scripts()
    .filter(({ deployments }) => deployments.length > 0)
    .flatMap(({ name, crons }) => crons.filter((cron) => parseCron(cron)(time)).map((cron) => ({ name, cron })));
  await Promise.all(
    due.map(async ({ name, cron }) => {
      try {
        log(`${name}  cron ${cron}: ${await runCron(name, cron)}`);
      } catch (error) {
        log(`${name}  cron ${cron} failed: ${error instanceof Error ? error.message : String(error)}`);
      }
    }),
  );
}
