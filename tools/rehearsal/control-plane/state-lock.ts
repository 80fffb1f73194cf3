import path from "node:path";

import { LocalPostgresError } from "../../dev/postgres/error.ts";
import { acquireLock } from "../../dev/postgres/lock.ts";

/** Something on this machine is in the way; the message says what to do. */
export class EmulatorError extends Error {
  override readonly name = "EmulatorError";
}

/**
 * Reserves a state folder for this process; gives the function that releases it.
 * @throws EmulatorError while another process uses it
 */
export function lockStateFolder(stateDir: string): () => void {
  const file = path.join(stateDir, "emulator.lock");
  try {
    return acquireLock(file);
  } catch (error) {
    if (!(error instanceof LocalPostgresError)) throw error;
    const owner = /in use by (another process|process \d+)/.exec(error.message)?.[1] ?? "another process";
    const message = `The state folder ${stateDir} is in use by ${owner} (${file}). Stop that one first, or choose another folder: --state-dir DIR`;
    throw new EmulatorError(message, { cause: error });
  }
}
