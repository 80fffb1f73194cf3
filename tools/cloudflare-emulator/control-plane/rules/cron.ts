import { Cron } from "croner";

/** Tells whether a cron trigger is due in the minute of a time, in UTC. */
export type CronMatcher = (time: Date) => boolean;

const MINUTE_MS = 60_000;
/** As Cloudflare's own parser: weekdays from 1 for Sunday, `5/10` means from 5 on. */
const OPTIONS = {
  mode: "5-part",
  alternativeWeekdays: true,
  sloppyRanges: true,
  timezone: "UTC",
  paused: true,
} as const;
/** What the library takes and Cloudflare does not: nicknames, `?`, an eighth weekday. */
const UNKNOWN = /^@|\?|[89]\S*$/;

/**
 * Reads an expression of five fields: `*`, numbers or words, lists, ranges, steps, `L`, `W`, `#`. When both the day and the
 * weekday are restricted, one of them is enough.
 * @throws Error that says what is wrong
 */
export function parseCron(expression: string): CronMatcher {
  const text = expression.trim();
  if (UNKNOWN.test(text)) throw new Error(`"${expression}" is no cron expression of five fields`);
  const cron = new Cron(text, OPTIONS);
  return (time) => cron.match(new Date(Math.floor(time.getTime() / MINUTE_MS) * MINUTE_MS));
}
