import { type Check, outcomeOf } from "../rehearsal/report/outcome.ts";
import type { EventsChaosResult } from "./run.ts";

/** What a run has to show, each in a line. */
export function checkEventsChaos(result: EventsChaosResult): Check[] {
  const { options, events, incidents, troubles, deliveries } = result;
  const happened = [...incidents.values()].reduce((sum, count) => sum + count, 0);
  const left = Object.entries(deliveries).filter(([state]) => state !== "delivered");
  return [
    held("all changes were made", events >= options.changes, `${events} events for ${options.changes}`),
    held(
      "everything failed that was to fail",
      happened === options.incidents && troubles.length === 0,
      [`${happened} of ${options.incidents}`, ...troubles.slice(0, 1)].join("; "),
    ),
    ...result.receivers.flatMap(checkReceiver),
    held(
      "no delivery is left, and none was given up",
      left.length === 0,
      left.length === 0 ? `${deliveries["delivered"] ?? 0} made` : left.map((entry) => entry.join(" ")).join(", "),
    ),
  ];
}

function checkReceiver({ receiver, verdict }: EventsChaosResult["receivers"][number]): Check[] {
  const { name, invalid } = receiver;
  const { expected, taken, lost, disordered, wrong } = verdict;
  return [
    held(`${name} got every event at least once`, lost.length === 0 && expected > 0, `${taken} of ${expected}`),
    held(`${name} saw each user's events in their order`, disordered.length === 0, count(disordered)),
    held(`${name} got nothing else`, wrong.length === 0, count(wrong)),
    held(`${name} could verify every signature`, invalid === 0, `${invalid} could not be`),
  ];
}

function count(ids: readonly string[]): string {
  return ids.length === 0 ? "0 did not fit" : `${ids.length} did not fit, ${ids[0]} was the first`;
}

function held(name: string, isHeld: boolean, detail: string): Check {
  return { name, detail, outcome: outcomeOf(isHeld, false) };
}

/** A run as a person reads it. */
export function formatEventsChaos(result: EventsChaosResult, checks: readonly Check[]): string {
  const { options, events, elapsedMs, receivers, incidents, logged } = result;
  const taken = receivers.reduce((sum, { verdict }) => sum + verdict.taken, 0);
  const seconds = elapsedMs / 1_000;
  const lines = [
    "",
    `${events} events, ${taken} deliveries in ${seconds.toFixed(0)} s, ${(taken / seconds).toFixed(0)} a second`,
    "",
    "what failed",
    ...sorted(incidents).map(([name, times]) => `  ${String(times).padStart(5)}  ${name}`),
    "",
    `the Worker's log: ${[...logged].map(([name, times]) => `${name} ${times}`).join(", ") || "nothing"}`,
    "",
    "receivers: events, doubles; how they answered",
    ...receivers.map(({ receiver, verdict }) => {
      const answers = sorted(receiver.answers).map(([kind, times]) => `${kind} ${times}`);
      return `  ${receiver.name.padEnd(8)} ${verdict.taken}, ${verdict.doubles}; ${answers.join(", ")}`;
    }),
    "",
    ...checks.map(({ name, outcome, detail }) => `${outcome === "held" ? "ok    " : "FAILED"} ${name}: ${detail}`),
    "",
    `seed ${options.seed}`,
    formatCounts(checks),
  ];
  return `${lines.join("\n")}\n`;
}

function sorted(counts: ReadonlyMap<string, number>): [string, number][] {
  return [...counts].toSorted(([left], [right]) => left.localeCompare(right));
}

function formatCounts(checks: readonly Check[]): string {
  const passed = checks.filter(({ outcome }) => outcome === "held").length;
  return `${passed} passed, ${checks.length - passed} failed`;
}
