/** Tells how a rehearsal goes: lines that stay, and on a terminal one below them that is renewed. */
export interface Progress {
  line(text: string): void;
  /** What is true just now. */
  status(text: string): void;
  /** Takes the status away. */
  end(): void;
}

export interface ProgressOptions {
  readonly write: (text: string) => void;
  readonly isTerminal: boolean;
  /** Columns of the terminal; a longer status would not be renewed in place. */
  readonly columns: number;
  readonly clock: () => number;
}

/** Without a terminal, a status becomes a line so often. */
const PLAIN_STATUS_MS = 10_000;

export function createProgress({ write, isTerminal, columns, clock }: ProgressOptions): Progress {
  const startedAt = clock();
  let statusAt = startedAt;
  let status = "";
  const stamp = (): string => `[${((clock() - startedAt) / 1_000).toFixed(1).padStart(6)} s]`;
  const clear = (): string => (status === "" ? "" : "\r\u001B[2K");
  const show = (text: string): void => {
    write(`${clear()}${text.slice(0, columns - 1)}`);
    status = text;
  };
  return {
    line(text) {
      write(`${clear()}${stamp()} ${text}\n`);
      if (status !== "") write(status.slice(0, columns - 1));
    },
    status(text) {
      if (isTerminal) {
        show(`${stamp()} ${text}`);
      } else if (clock() - statusAt >= PLAIN_STATUS_MS) {
        statusAt = clock();
        write(`${stamp()} ${text}\n`);
      }
    },
    end() {
      write(clear());
      status = "";
    },
  };
}
