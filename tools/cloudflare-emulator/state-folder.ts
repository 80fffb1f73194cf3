import { mkdirSync } from "node:fs";
import path from "node:path";

import { acquireLock, LockHeldError } from "../process/lock-file.ts";
import { EmulatorError } from "./emulator-error.ts";

/**
 * Makes a state folder and reserves it for this process; gives the function that releases it.
 * @throws EmulatorError while another process uses it, or when it cannot be written
 */
export function openStateFolder(stateDir: string): () => void {
  const lock = path.join(stateDir, "emulator.lock");
  try {
    mkdirSync(stateDir, { recursive: true });
    return acquireLock(lock);
  } catch (error) {
    throw new EmulatorError(explain(error, stateDir, lock), { cause: error });
  }
}

function explain(error: unknown, stateDir: string, lock: string): string {
  if (error instanceof LockHeldError)
    return `The state folder ${stateDir} is in use by ${error.holder} (${lock}). Stop that one first, or choose another folder: --state-dir DIR`;
  const reason = error instanceof Error ? error.message : String(error);
  return `The state folder ${stateDir} cannot be used (${reason}). Choose another one: --state-dir DIR`;
}
