/** The local database cannot run; the message is one line that says what to do. */
export class LocalPostgresError extends Error {
  override readonly name = "LocalPostgresError";
}
