import { StageFailure } from "../../stage-failure.ts";
import { configOf, type Looks } from "../companion.ts";
import type { Invocation } from "./invocation.ts";
import type { VersionLog } from "./log.ts";

export interface EventsLooksOptions {
  readonly log: VersionLog;
  readonly scriptName: string;
}

/** Cron comes each minute. Cloudflare takes a while to tell of a run, and to let a deployment take effect. */
const PATIENCE_MS = 180_000;
/** One may have met a database that was away for a moment. */
const ENOUGH_FAILURES = 2;

/** Looks at the log of the version that has everything: nothing else shows what a Worker without an address does. */
export function createEventsLooks({ log, scriptName }: EventsLooksOptions): Looks {
  return {
    async before(signal) {
      await log.check(signal);
      return "Its log can be followed.";
    },
    async at({ versionId }, signal) {
      const failures: string[] = [];
      for await (const run of log.follow(versionId, PATIENCE_MS, signal)) {
        if (run.configuration !== null) throw new StageFailure([run.configuration]);
        if (run.cron === null) continue;
        const failure = describeFailure(run);
        if (failure === null) return `The new version has run by cron (${run.cron}) without an error.`;
        failures.push(failure);
        if (failures.length === ENOUGH_FAILURES) throw new StageFailure(failures);
      }
      throw new StageFailure([...failures, describeSilence(scriptName, versionId)]);
    },
  };
}

/** Null when it ended well. */
function describeFailure({ cron, outcome, errors }: Invocation): string | null {
  if (outcome === "ok" && errors.length === 0) return null;
  const logged = errors.length === 0 ? "" : ` and logged ${errors.join(", ")}`;
  return `A run by cron (${cron}) ended with ${outcome}${logged}.`;
}

function describeSilence(scriptName: string, versionId: string): string {
  const config = configOf({ name: "events" });
  return (
    `Within ${PATIENCE_MS / 60_000} minutes the log of ${scriptName} shows no run of ${versionId} by cron that ended well. ` +
    `Has the Worker its cron triggers (npx wrangler triggers deploy --config ${config})?`
  );
}
