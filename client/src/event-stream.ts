import type { UserEvent } from "./models.ts";

/** One block of an event stream (HTML standard, section 9.2.6), as far as this service uses them. */
export interface StreamBlock {
  /** The cursor at which a later stream would continue. */
  readonly cursor: string | null;
  /** Milliseconds that the service asks to wait before a later stream. */
  readonly retryMs: number | null;
  readonly event: UserEvent | null;
}

/** Reads the blocks of a response; ends where it ends, and fails where it breaks. */
export async function* readBlocks(body: ReadableStream<Uint8Array>): AsyncGenerator<StreamBlock> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      text += decoder.decode(value, { stream: true });
      const blocks = text.split("\n\n");
      // What the stream breaks off in the middle of is no block.
      text = blocks.pop() ?? "";
      yield* blocks.map(parseBlock);
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

function parseBlock(block: string): StreamBlock {
  const fields = new Map<string, string>();
  for (const line of block.split("\n")) {
    const colon = line.indexOf(":");
    if (colon > 0) fields.set(line.slice(0, colon), line.slice(colon + 1).replace(/^ /, ""));
  }
  const [retry, data] = [fields.get("retry") ?? "", fields.get("data")];
  return {
    cursor: fields.get("id") ?? null,
    retryMs: /^\d+$/.test(retry) ? Number(retry) : null,
    event: data === undefined ? null : (JSON.parse(data) as UserEvent),
  };
}
