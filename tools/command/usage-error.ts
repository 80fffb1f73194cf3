/** A mistake on the command line or in the environment; the message says what is allowed and holds no secret. Exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
