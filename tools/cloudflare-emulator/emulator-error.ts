/** Something on this machine is in the way; the message says what to do. */
export class EmulatorError extends Error {
  override readonly name = "EmulatorError";
}
