/** The files of a backup are not what was written, or what they hold is not what was in the database. Exit code 3. */
export class BadBackupError extends Error {
  override readonly name = "BadBackupError";
}
