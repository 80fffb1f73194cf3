/**
 * Gives up a body of which a read may still be under way. Releasing its reader would throw then, in place of the reason
 * for giving up: seen in workerd with bodies that come over the network, not with those that are made in JavaScript.
 */
export function giveUpBody(reader: ReadableStreamDefaultReader<Uint8Array>): void {
  reader.cancel().catch(() => {});
}
