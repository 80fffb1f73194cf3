import type { RequestRecord } from "../load/record.ts";

/** What happened in one second of the rehearsal. */
export interface Second {
  /** Requests by the version that answered; those without a version are in `failures` only. */
  readonly byVersion: ReadonlyMap<string, number>;
  /** Not explained by a fault of ours. */
  readonly failures: number;
  /** Answers that a fault of ours has touched, wrong or slow. */
  readonly injected: number;
}

/** Counts requests by the whole second in which they were sent. @param lost the records that count as failures */
export function toSeconds(
  records: readonly RequestRecord[],
  lost: ReadonlySet<RequestRecord>,
  from: number,
  to: number,
): Second[] {
  const seconds = Array.from({ length: Math.max(1, Math.floor((to - from) / 1_000)) }, () => ({
    byVersion: new Map<string, number>(),
    failures: 0,
    injected: 0,
  }));
  for (const record of records) {
    const second = seconds[Math.floor((record.at - from) / 1_000)];
    if (second === undefined) continue;
    const { version } = record;
    if (version !== null) second.byVersion.set(version, (second.byVersion.get(version) ?? 0) + 1);
    if (lost.has(record)) second.failures += 1;
    if (record.injectedFault !== null) second.injected += 1;
  }
  return seconds;
}
