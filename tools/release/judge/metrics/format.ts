import { formatRate } from "../finding.ts";
import { type Group, type MetricsBlock, sumOf, sumTicks } from "./blocks.ts";
import type { Event } from "./facts.ts";

const WORDS: Readonly<Record<Event, string>> = {
  failed: "answered with 5xx",
  refused: "answered with 4xx",
};

/** As in `12 of 3400 answered with 5xx (0.4 %), 0 of 3388 on the old version`. */
export function formatShares(blocks: readonly MetricsBlock[], { has }: Group, event: Event): string {
  const { candidate, baseline } = sumTicks(blocks);
  const [requests, before] = [sumOf(candidate, has, "requests"), sumOf(baseline, has, "requests")];
  const [events, eventsBefore] = [sumOf(candidate, has, event), sumOf(baseline, has, event)];
  const rate = (some: number, of: number): string => (some === 0 ? "" : ` (${formatRate(some / of)})`);
  return `${events} of ${requests} ${WORDS[event]}${rate(events, requests)}, ${eventsBefore} of ${before}${rate(eventsBefore, before)} on the old version`;
}
