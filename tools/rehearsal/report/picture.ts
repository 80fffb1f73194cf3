import type { RequestRecord } from "../load/record.ts";
import type { Shortage } from "../room/shortage.ts";
import type { LiveDeployment } from "../scenarios/live-deployments.ts";
import { PARENT } from "../scenarios/scenarios.ts";
import type { ScenarioRun } from "./run.ts";
import type { Mark, Picture, PictureVersion } from "./svg.ts";
import { toSeconds } from "./timeline.ts";

export interface PictureInput {
  readonly runs: readonly ScenarioRun[];
  readonly records: readonly RequestRecord[];
  readonly lost: readonly RequestRecord[];
  /** When the machine had no room. */
  readonly shortages: readonly Shortage[];
  /** The version that was live at the start. */
  readonly parent: string;
  /** Milliseconds since 1970. */
  readonly from: number;
  readonly to: number;
  /** From a deployment's time until it takes effect, in ms. */
  readonly propagationMs: number;
}

/** Puts the rehearsal on one time axis, in seconds from its start. */
export function toPicture({ runs, records, lost, shortages, parent, from, to, propagationMs }: PictureInput): Picture {
  const second = (at: number): number => (at - from) / 1_000;
  return {
    title: "Requests per second by the version that answered",
    seconds: toSeconds(records, new Set(lost), from, to),
    versions: versionsOf(runs, parent),
    bands: runs.map(({ scenario, startedAt, endedAt }) => ({
      from: second(startedAt),
      to: second(endedAt),
      label: scenario.title,
    })),
    shortages: shortages.map((short) => ({ from: second(short.from), to: second(short.to) })),
    marks: runs.flatMap((run) =>
      run.deployments.flatMap((deployment, index) =>
        toMark(run, deployment, run.deployments[index - 1], second(deployment.createdAt + propagationMs)),
      ),
    ),
  };
}

function versionsOf(runs: readonly ScenarioRun[], parent: string): PictureVersion[] {
  const released = runs.flatMap(({ scenario, candidate }) =>
    candidate === null ? [] : [{ id: candidate, label: scenario.name, isFaulty: scenario.expected.live !== "new" }],
  );
  return [{ id: parent, label: PARENT, isFaulty: false }, ...released];
}

/** Only changes of the shares of traffic; a version at 0 % is none. */
function toMark(
  { candidate, scenario }: ScenarioRun,
  { shares }: LiveDeployment,
  last: LiveDeployment | undefined,
  at: number,
): Mark[] {
  if (scenario.command === "rollback") return [{ at, label: "rollback", kind: "rollback" }];
  const shareIn = (deployment: LiveDeployment["shares"] | undefined): number =>
    deployment?.find(({ versionId }) => versionId === candidate)?.percentage ?? 0;
  const [now, before] = [shareIn(shares), shareIn(last?.shares)];
  const wasPart = last?.shares.some(({ versionId }) => versionId === candidate) ?? false;
  if (now === 0 && wasPart) return [{ at, label: "rollback", kind: "rollback" }];
  return now === before ? [] : [{ at, label: `${now} %`, kind: "step" }];
}
