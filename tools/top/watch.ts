import { setTimeout as sleep } from "node:timers/promises";

import type { TopOptions } from "./options.ts";
import { scrape, ScrapeError } from "./scrape.ts";
import { type Scrape, summarise, type Summary } from "./summary.ts";

export interface Watcher {
  /** Two scrapes were compared. */
  onSummary(summary: Summary): void;
  /** There is nothing to compare with yet. */
  onFirst(): void;
  /** A scrape failed, and will be tried again. */
  onFailure(error: ScrapeError): void;
}

type Pace = Pick<TopOptions, "target" | "intervalMs">;

/** Looks twice, and compares. @throws ScrapeError */
export async function lookOnce({ target, intervalMs }: Pace, signal: AbortSignal): Promise<Summary> {
  const before = await scrape(target, signal);
  await sleep(intervalMs, undefined, { signal });
  return summarise(before, await scrape(target, signal));
}

/** Looks until the signal aborts. After failures the next success is compared with the one before them. */
export async function watch({ target, intervalMs }: Pace, watcher: Watcher, signal: AbortSignal): Promise<void> {
  let before: Scrape | null = null;
  while (!signal.aborted) {
    try {
      const after = await scrape(target, signal);
      if (before === null) watcher.onFirst();
      else watcher.onSummary(summarise(before, after));
      before = after;
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof ScrapeError)) throw error;
      watcher.onFailure(error);
    }
    await sleep(intervalMs, undefined, { signal }).catch(() => undefined);
  }
}
