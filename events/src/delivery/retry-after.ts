const SECONDS = /^\d{1,10}$/;
const [DAY, MONTH, TIME] = ["(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)", "[A-Z][a-z]{2}", String.raw`\d{2}:\d{2}:\d{2}`];
/** The two of three formats that name their time zone (RFC 9110 section 5.6.7). */
const IN_GMT = new RegExp(String.raw`^${DAY}[a-z]*, \d{2}[ -]${MONTH}[ -](?:\d{2}|\d{4}) ${TIME} GMT$`);
/** The third one does not, and means the same. */
const ASCTIME = new RegExp(String.raw`^${DAY} ${MONTH} [ \d]\d ${TIME} \d{4}$`);

/**
 * Milliseconds that `Retry-After` asks to wait (RFC 9110 section 10.2.3); null when it is absent or malformed. A date counts from the
 * answer's own `Date`, so that a clock of the receiver that is wrong does no harm; without one from `nowMs`.
 */
export function parseRetryAfter(headers: Headers, nowMs: number): number | null {
  const text = headers.get("Retry-After") ?? "";
  if (SECONDS.test(text)) return Number(text) * 1000;
  const until = parseHttpDate(text);
  return until === null ? null : Math.max(0, until - (parseHttpDate(headers.get("Date") ?? "") ?? nowMs));
}

function parseHttpDate(text: string): number | null {
  const zoned = ASCTIME.test(text) ? `${text} GMT` : text;
  const time = zoned !== text || IN_GMT.test(text) ? Date.parse(zoned) : Number.NaN;
  return Number.isNaN(time) ? null : time;
}
