/** Longest message that Cloudflare keeps with a version or a deployment. */
const MAX_MESSAGE_LENGTH = 100;

/** A message as Cloudflare takes it: not empty and not too long. */
export function fitMessage(message: string): string {
  const text = message.trim() || "no message";
  if (text.length <= MAX_MESSAGE_LENGTH) return text;
  // A character of two halves that is cut in two is no character.
  return `${text.slice(0, MAX_MESSAGE_LENGTH - 1).replace(/[\uD800-\uDBFF]$/, "")}…`;
}
