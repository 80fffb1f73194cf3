const SECONDS = /^\d{1,9}$/;
/** The date formats of HTTP that name their time zone (RFC 9110 section 5.6.7). */
const HTTP_DATE = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*, .+ GMT$/;

/**
 * How long `Retry-After` asks to wait, in milliseconds; null when it is absent or makes no sense. A date is measured
 * from the answer's own `Date`, so that a wrong clock on this side does not matter; from `nowMs` when there is none.
 */
export function parseRetryAfter(headers: Headers, nowMs: number): number | null {
  const value = headers.get("Retry-After")?.trim() ?? "";
  if (SECONDS.test(value)) return Number(value) * 1000;
  const until = parseDate(value);
  if (until === null) return null;
  return Math.max(0, until - (parseDate(headers.get("Date") ?? "") ?? nowMs));
}

function parseDate(text: string): number | null {
  const time = HTTP_DATE.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(time) ? null : time;
}
