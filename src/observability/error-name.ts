/** What an error may be called; anything else is not a name that a runtime gives, and could be any text. */
const ERROR_NAME = /^[A-Za-z][A-Za-z0-9]{0,39}$/;

/** The name of an error from elsewhere, which is theirs to set; null when it is none. */
export function readErrorName({ name }: Error): string | null {
  return ERROR_NAME.test(name) ? name : null;
}
