import type { Admission } from "../../resilience/gate.ts";
import type { Guard } from "../context.ts";
import { problemResponse } from "../problem.ts";

/** Refuses at once, before anything is read or looked up, what could only wait for a database that is down or has too much to do. */
export function admission(database: Admission): Guard {
  return function admission(c) {
    const refusal = database.refusal();
    return refusal === null ? null : problemResponse(c, refusal);
  };
}
