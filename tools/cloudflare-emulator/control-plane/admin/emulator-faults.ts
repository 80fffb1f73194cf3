import { z } from "zod";

import type { DataPlaneFaults } from "../../model.ts";
import { checkBody } from "../http/body.ts";
import { type ApiFault, createApiFaults } from "./faults.ts";

const dataPlaneFaultsSchema = z.strictObject({
  /** Delay until a deployment takes effect, in ms. */
  propagationMs: z.number().min(0).optional(),
  /** Whether version overrides have no effect. */
  ignoreOverrides: z.boolean().optional(),
  /** So many of the next method calls over service bindings take effect, and their callers get an error. */
  loseRpcAnswers: z.int().min(0).optional(),
});

/** Where the faults of the data plane are kept. */
export interface FaultyDataPlane {
  setFaults(faults: Partial<DataPlaneFaults>): void;
  faults(): DataPlaneFaults;
}

/** Everything that can be made to go wrong. */
export interface EmulatorFaults {
  /**
   * A failure of the API, or a change of the data plane's faults.
   * @throws ApiError 400 for a value that is neither
   */
  add(fault: ApiFault | Partial<DataPlaneFaults>): void;
  /** Ends the failures of the API and sets the data plane's faults to what they were at the start. */
  clear(): void;
  list(): { readonly api: readonly ApiFault[]; readonly dataPlane: DataPlaneFaults };
  /** The first failure for a call, or null; counts it as used. */
  take(method: string, path: string): ApiFault | null;
}

/** `random` gives 0 to 1. */
export function createEmulatorFaults(dataPlane: FaultyDataPlane, random: () => number): EmulatorFaults {
  const api = createApiFaults(random);
  const initial = dataPlane.faults();
  return {
    add(fault) {
      if (!isOfDataPlane(fault)) return api.add(fault);
      const { propagationMs, ignoreOverrides, loseRpcAnswers } = checkBody(dataPlaneFaultsSchema, fault);
      dataPlane.setFaults({
        ...(propagationMs === undefined ? {} : { propagationMs }),
        ...(ignoreOverrides === undefined ? {} : { ignoreOverrides }),
        ...(loseRpcAnswers === undefined ? {} : { loseRpcAnswers }),
      });
    },
    clear() {
      api.clear();
      dataPlane.setFaults(initial);
    },
    list: () => ({ api: api.list(), dataPlane: dataPlane.faults() }),
    take: (method, path) => api.take(method, path),
  };
}

function isOfDataPlane(fault: ApiFault | Partial<DataPlaneFaults>): fault is Partial<DataPlaneFaults> {
  return (
    typeof fault === "object" &&
    fault !== null &&
    Object.keys(dataPlaneFaultsSchema.shape).some((name) => name in fault)
  );
}
