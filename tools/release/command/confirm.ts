import { createInterface } from "node:readline";

export interface ConfirmStreams {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
}

/** Asks a yes-or-no question; anything but a clear yes is a no, and so are the end of the input and an interruption. */
export function askYesOrNo(question: string, { input, output }: ConfirmStreams, signal: AbortSignal): Promise<boolean> {
  // Without a terminal of its own, so that Ctrl-C stays a signal.
  const lines = createInterface({ input, output, terminal: false });
  return new Promise((resolve) => {
    const answer = (isYes: boolean): void => {
      signal.removeEventListener("abort", refuse);
      resolve(isYes);
      lines.close();
    };
    const refuse = (): void => answer(false);
    lines.once("line", (line) => answer(/^y(es)?$/i.test(line.trim())));
    lines.once("close", refuse);
    signal.addEventListener("abort", refuse);
    if (signal.aborted) refuse();
    else output.write(`${question} [y/N] `);
  });
}
