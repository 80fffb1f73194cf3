import { appendFile } from "node:fs/promises";

/** One request that the API got. */
export interface Call {
  /** RFC 3339, when it arrived. */
  readonly time: string;
  readonly method: string;
  /** Below the API base, without query. */
  readonly path: string;
  readonly query: string;
  /** 0 when the connection was dropped without an answer. */
  readonly status: number;
  readonly durationMs: number;
  /** Codes of the errors in the answer. */
  readonly errors: readonly number[];
  /** What was sent, without any value that could be a secret; null without body. */
  readonly body: unknown;
}

export interface CallLog {
  add(call: Call): void;
  /** Oldest first; only the newest 2,000 are kept. */
  list(): readonly Call[];
  clear(): void;
  /** Resolves when everything is in the file. */
  flush(): Promise<void>;
}

const MAX_CALLS = 2_000;

/** Keeps the newest calls; with a file, appends every call to it as a line of JSON. */
export function createCallLog({ file, log }: { file: string | null; log: (line: string) => void }): CallLog {
  let calls: Call[] = [];
  let written = Promise.resolve();
  const append = async (target: string, line: string): Promise<void> => {
    try {
      await appendFile(target, line);
    } catch (error) {
      log(`The call log cannot be written: ${String(error)}`);
    }
  };
  return {
    add(call) {
      calls.push(call);
      if (calls.length > MAX_CALLS) calls.shift();
      if (file !== null) written = written.then(() => append(file, `${JSON.stringify(call)}\n`));
    },
    list: () => [...calls],
    clear() {
      calls = [];
    },
    flush: () => written,
  };
}
