const ID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";
const MESSAGE = new RegExp(`^rollback from (${ID}) to (${ID})$`);

/** Written with a deployment, so that a later rollback knows which version was rejected. 90 characters of the 100 there are. */
export function rollbackMessage(from: string, to: string): string {
  return `rollback from ${from} to ${to}`;
}

/** As a rollback writes it that completes a release left half done: it rejects nothing. 95 characters. */
export function settlementMessage(from: string, to: string): string {
  return `settled on ${to}, taken out ${from}`;
}

/** The version that a rollback has taken away, and the one it went to. */
export interface Rollback {
  readonly from: string;
  readonly to: string;
}

/** What a deployment's message tells; null when it is another kind of message. */
export function parseRollback(message: string | null): Rollback | null {
  const [, from, to] = MESSAGE.exec(message ?? "") ?? [];
  return from === undefined || to === undefined ? null : { from, to };
}
