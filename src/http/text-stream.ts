/** Why a stream is over: nothing more to send, a reader that is gone or takes nothing, or a failure. */
export type StreamEnd = "finished" | "reader_left" | "reader_too_slow" | "failed";

export interface TextStreamOptions {
  /** Milliseconds in which the reader has to take what was sent. */
  readonly patienceMs: number;
  /** Told once. */
  readonly onEnd: (end: StreamEnd) => void;
}

/**
 * Sends chunks of text as the reader takes them: the next one is asked for only when the one before is taken, so that one
 * chunk waits at most. A reader that takes nothing is cut off.
 */
export function streamText(chunks: AsyncIterator<string>, { patienceMs, onEnd }: TextStreamOptions): ReadableStream {
  const encoder = new TextEncoder();
  let patience: ReturnType<typeof setTimeout> | null = null;
  let isOver = false;
  const calm = (): void => {
    if (patience !== null) clearTimeout(patience);
  };
  const end = (reason: StreamEnd): void => {
    calm();
    if (isOver) return;
    isOver = true;
    onEnd(reason);
  };
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        calm();
        const chunk = await chunks.next().catch((error: unknown) => {
          end("failed");
          throw error;
        });
        if (isOver) return;
        if (chunk.done === true) {
          end("finished");
          controller.close();
          return;
        }
        controller.enqueue(encoder.encode(chunk.value));
        patience = setTimeout(() => {
          end("reader_too_slow");
          controller.error(new Error("The reader takes nothing."));
        }, patienceMs);
      },
      cancel: () => end("reader_left"),
    },
    { highWaterMark: 0 },
  );
}
