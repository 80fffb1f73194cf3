import type { RequestRecord } from "../load/record.ts";

/** The last seconds that the shares are told of. */
const RECENT_MS = 2_000;

/** Where the load stands, in a line: `12345 requests, 0 wrong, 12 injected; 1a2b3c4d 90 %, 5e6f7a8b 10 %`. */
export function describeLoad(records: readonly RequestRecord[], now: number): string {
  const wrong = records.filter(({ problem }) => problem !== null).length;
  const injected = records.filter(({ injectedFault }) => injectedFault !== null).length;
  const recent = records.slice(recentFrom(records, now)).flatMap(({ version }) => version ?? []);
  const shares = [...Map.groupBy(recent, (version) => version)].map(
    ([version, own]) => `${version.slice(0, 8)} ${Math.round((100 * own.length) / recent.length)} %`,
  );
  return `${records.length} requests, ${wrong} wrong, ${injected} injected; ${shares.join(", ")}`;
}

/** Records come in the order of their ends, so that the recent ones are the last ones. */
function recentFrom(records: readonly RequestRecord[], now: number): number {
  let from = records.length;
  for (let record = records[from - 1]; record !== undefined && record.at + record.ms > now - RECENT_MS;) {
    from -= 1;
    record = records[from - 1];
  }
  return from;
}
