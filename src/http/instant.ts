import { z } from "@hono/zod-openapi";

const timeOfDay = z.iso.datetime({ offset: true });

/** A leap second: where it may stand depends on the offset, so that the time itself has to say. */
const SIXTIETH_SECOND = /:60(?=[.Z+-])/;

/**
 * A point in time as RFC 3339 writes it, with any offset; null for anything else, and outside the years 1 to 9999, which the
 * database writes with four digits too.
 *
 * The second 60 is taken where section 5.7 has it: at the end, in UTC, of a June or December. Of which years is not asked, for
 * a list would be out of date some day. It is the midnight that follows, whatever its fraction: clocks that count as POSIX
 * does, and the database's is one, have no other name for it, and so it still lies between the seconds 59 and 0.
 */
export function parseInstant(text: string): Date | null {
  const isLeap = SIXTIETH_SECOND.test(text);
  const spelling = isLeap ? text.replace(SIXTIETH_SECOND, ":59") : text;
  if (!timeOfDay.safeParse(spelling).success) return null;
  const time = new Date(spelling);
  if (isLeap && !isLastSecondOfHalfYear(time)) return null;
  if (isLeap) time.setUTCSeconds(60, 0);
  return time.getUTCFullYear() >= 1 && time.getUTCFullYear() <= 9_999 ? time : null;
}

const isLastSecondOfHalfYear = (time: Date): boolean => /-(?:06-30|12-31)T23:59:59\.\d{3}Z$/.test(time.toISOString());
