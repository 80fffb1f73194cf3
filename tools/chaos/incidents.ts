import type { CommandContext } from "../command/run-command.ts";
import type { Injector } from "./faults/injector.ts";
import type { Incident } from "./faults/schedule.ts";
import { type Outage, runOutage } from "./outage.ts";
import type { ChaosStack } from "./stack.ts";

/** Makes incidents happen, and keeps what came of them. */
export interface Incidents {
  readonly outages: readonly Outage[];
  /** What went wrong with a kill or a fault itself. */
  readonly troubles: readonly string[];
  /** Never rejects. */
  act(incident: Incident): Promise<void>;
}

export interface IncidentOptions {
  readonly stack: ChaosStack;
  readonly injector: Injector;
  readonly context: CommandContext;
  /** Path of a user that is there. */
  readonly readPath: string;
}

export function createIncidents({ stack, injector, context, readPath }: IncidentOptions): Incidents {
  const outages: Outage[] = [];
  const troubles: string[] = [];
  const { progress, signal } = context;
  const happen = async (incident: Incident): Promise<void> => {
    if (incident.kind === "fault") return await injector.inject(incident.name, incident.match);
    const { postgres, apiKey, worker } = stack;
    const outage = await runOutage({
      postgres,
      downMs: incident.downMs,
      origin: worker.origin,
      apiKey,
      readPath,
      signal,
    });
    outages.push(outage);
    const { downMs, recoveryMs } = outage;
    progress.line(
      `the database was killed; back after ${downMs.toFixed(0)} ms, the API ${recoveryMs === null ? "never" : `${recoveryMs.toFixed(0)} ms`} later`,
    );
  };
  return {
    outages,
    troubles,
    async act(incident: Incident) {
      if (signal.aborted) return;
      try {
        await happen(incident);
      } catch (error) {
        troubles.push(`${incident.kind}: ${error instanceof Error ? error.message : String(error)}`);
      }
    },
  };
}
