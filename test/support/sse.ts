/** One block of an event stream: what stands between two empty lines. */
export interface SseBlock {
  readonly id: string | null;
  /** Null where nothing is dispatched. */
  readonly event: string | null;
  readonly data: string | null;
  readonly retry: number | null;
  readonly comment: string | null;
}

/** Reads an event stream block by block; leaving the loop ends the stream. */
export async function* readSse(response: Response): AsyncGenerator<SseBlock> {
  const reader = response.body?.getReader();
  if (reader === undefined) throw new Error("the answer has no body");
  const decoder = new TextDecoder();
  let text = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      text += decoder.decode(value, { stream: true });
      const blocks = text.split("\n\n");
      text = blocks.pop() ?? "";
      yield* blocks.map(parseBlock);
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

function parseBlock(block: string): SseBlock {
  const lines = block.split("\n").filter((line) => line !== "");
  const fields = new Map(lines.map(parseLine));
  const retry = fields.get("retry");
  return {
    id: fields.get("id") ?? null,
    event: fields.get("event") ?? null,
    data: fields.get("data") ?? null,
    retry: retry === undefined ? null : Number(retry),
    comment: fields.get("") ?? null,
  };
}

function parseLine(line: string): [name: string, value: string] {
  const [, name, value] = /^([a-z]*): (.+)$/.exec(line) ?? [];
  if (name === undefined || value === undefined) throw new Error(`not a line of an event stream: ${line}`);
  return [name, value];
}

/** Every block up to the end of the stream. */
export async function takeAll(stream: AsyncGenerator<SseBlock>): Promise<SseBlock[]> {
  const found: SseBlock[] = [];
  for await (const block of stream) found.push(block);
  return found;
}

/** The next blocks with an event, so many of them. */
export async function takeEvents(stream: AsyncGenerator<SseBlock>, count: number): Promise<SseBlock[]> {
  const found: SseBlock[] = [];
  while (found.length < count) {
    const { done, value } = await stream.next();
    if (done === true) throw new Error(`the stream ended after ${found.length} of ${count} events`);
    if (value.event !== null) found.push(value);
  }
  return found;
}
