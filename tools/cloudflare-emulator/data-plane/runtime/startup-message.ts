/** How Miniflare introduces what the runtime wrote before it ended. */
const RUNTIME_OUTPUT = "\nRuntime stderr:\n";

/**
 * What the runtime says about a Worker that does not start, as Cloudflare's API does: `Uncaught TypeError: no\n  at index.js:2:7`.
 */
export function toStartupMessage(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const [summary = "", output] = text.split(RUNTIME_OUTPUT, 2);
  const messages = (output ?? "").split("\n").flatMap(readMessage);
  return messages.length > 0 ? messages.join("\n") : summary;
}

/** Whether a line of the runtime is about the start itself, and so said again by its error. */
export function isStartupLine(message: string): boolean {
  return message.startsWith("service core:user:");
}

/** Makes a message of the runtime readable: no positions inside the runtime, no folders of this machine. */
export function tidyMessage(message: string): string {
  return message
    .replace(/\nstack: (?:\S*workerd\S*@[0-9a-f]+ ?)+/g, "")
    .replace(/^Uncaught exception: \S+: failed: remote\.jsg\./, "Uncaught ")
    .replaceAll("file:///", "");
}

function readMessage(line: string): string[] {
  try {
    const entry: unknown = JSON.parse(line);
    if (typeof entry !== "object" || entry === null || !("message" in entry)) return [];
    return [tidyMessage(String(entry.message).replace(/^service core:user:[^\s:]+: /, ""))];
  } catch {
    return [];
  }
}
