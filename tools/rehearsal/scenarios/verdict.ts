import { type LiveDeployment, soleVersion } from "./live-deployments.ts";
import type { Scenario } from "./scenarios.ts";

/** What was seen around one command. */
export interface Observation {
  readonly exitCode: number | null;
  /** From the command's report; null when it got past all stages, or is a rollback. */
  readonly stage: string | null;
  /** The sources that spoke against the version. */
  readonly foundBy: readonly string[];
  readonly hasReport: boolean;
  /** Oldest first. */
  readonly before: readonly LiveDeployment[];
  readonly after: readonly LiveDeployment[];
  readonly isSchemaTheSame: boolean;
  /** Versions that earlier scenarios have released, by scenario. */
  readonly released: ReadonlyMap<string, string>;
}

/** The version that a command has brought into deployments; null when there is none, as when it was refused. */
export function candidateOf({ before, after }: Pick<Observation, "before" | "after">): string | null {
  const known = new Set(before.flatMap(({ shares }) => shares.map(({ versionId }) => versionId)));
  const fresh = newDeployments({ before, after }).flatMap(({ shares }) => shares.map(({ versionId }) => versionId));
  return fresh.find((id) => !known.has(id)) ?? null;
}

export function newDeployments({ before, after }: Pick<Observation, "before" | "after">): LiveDeployment[] {
  const known = new Set(before.map(({ id }) => id));
  return after.filter(({ id }) => !known.has(id));
}

/** Compares what came of a scenario with what must come of it; nothing when they are the same. */
export function problemsOf({ expected }: Scenario, seen: Observation): string[] {
  const problems: string[] = [];
  if (seen.exitCode !== expected.exitCode) {
    problems.push(`exit code ${seen.exitCode ?? "none"}, expected ${expected.exitCode}`);
  }
  if (!seen.hasReport) problems.push("the command wrote no report");
  return [...problems, ...problemsOfStage(expected, seen), ...problemsOfLive(expected.live, seen)];
}

function problemsOfStage({ stage, orStage, foundBy }: Scenario["expected"], seen: Observation): string[] {
  const problems: string[] = [];
  if (seen.stage !== stage && seen.stage !== (orStage ?? stage))
    problems.push(`stopped at ${seen.stage ?? "no stage"}, expected ${stage ?? "none"}`);
  if (foundBy !== undefined && !seen.foundBy.includes(foundBy))
    problems.push(`found by ${seen.foundBy.join(" and ") || "no source"}, expected ${foundBy}`);
  return problems;
}

/** Whether a version that had to be stopped has all the traffic. */
export function hasMissedFault({ expected }: Scenario, seen: Observation): boolean {
  const candidate = candidateOf(seen);
  const isBad = expected.live === "previous" || expected.live === "untouched";
  return isBad && candidate !== null && soleVersion(seen.after.at(-1)) === candidate;
}

function problemsOfLive(expected: Scenario["expected"]["live"], seen: Observation): string[] {
  const live = soleVersion(seen.after.at(-1));
  if (live === null) return ["no single version has all the traffic"];
  if (expected === "untouched") {
    return [
      ...(newDeployments(seen).length > 0 ? ["deployments were made, although it was refused before"] : []),
      ...(seen.isSchemaTheSame ? [] : ["the database was changed, although it was refused before"]),
    ];
  }
  const wanted = wantedVersion(expected, seen);
  return live === wanted ? [] : [`version ${live} is live, expected ${wanted ?? "one that is not known"}`];
}

function wantedVersion(expected: Exclude<Scenario["expected"]["live"], "untouched">, seen: Observation): string | null {
  if (expected === "new") return candidateOf(seen);
  if (expected === "previous") return soleVersion(seen.before.at(-1));
  return seen.released.get(expected.releasedBy) ?? null;
}
