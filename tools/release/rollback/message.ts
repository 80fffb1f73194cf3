const ID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";
const MESSAGE = new RegExp(`^rollback from (${ID}) to (${ID})$`);

/** Written with a deployment, so that a later rollback knows which version was rejected. 90 characters of the 100 there are. */
export function rollbackMessage(from: string, to: string): string {
  return `rollback from ${from} to ${to}`;
}

/** The version that a deployment with this message has taken away; null when it is another kind of message. */
export function rejectedBy(message: string | null): string | null {
  return MESSAGE.exec(message ?? "")?.[1] ?? null;
}
