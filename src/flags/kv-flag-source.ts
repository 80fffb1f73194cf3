import type { FlagFileState } from "../models/feature-flag.ts";
import type { Background } from "../observability/metrics.ts";
import { type Flags, NO_FLAGS, parseFlagFile } from "./flag-file.ts";
import type { FlagSnapshot, FlagSource } from "./flag-source.ts";

/** Something new about the file. */
export interface FlagFileChange {
  /** What became of the last reading. */
  readonly outcome: Exclude<FlagFileState, "unread">;
  /** What holds now: what was read before, for a while, when the file is unreachable. */
  readonly flags: Flags;
  /** Where an invalid file is wrong; null otherwise. */
  readonly finding: string | null;
  /** Why it could not be read; null otherwise. */
  readonly error: unknown;
}

export interface KvFlagSourceOptions {
  /** Reads the file; null when there is none. */
  readonly read: () => Promise<string | null>;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** Gives what the work gives, or rejects after so many milliseconds. */
  readonly withTimeout: <Result>(work: Promise<Result>, milliseconds: number) => Promise<Result>;
  /** Told when what holds, or why, is not what it was. */
  readonly onChange: (change: FlagFileChange) => void;
}

/** Age from which the file is read again, beside the requests. KV itself keeps what it read as long at least. */
export const FRESH_MS = 30_000;
/** Age from which it does not hold any more: an isolate that rested longer waits for a new one, and without it has defaults. */
export const MAX_AGE_MS = 300_000;
/** How long a request waits for the file when there is none to go on with. KV answers in some ten. */
export const READ_TIMEOUT_MS = 500;
/** After a failed attempt KV is left alone for as long. */
export const RETRY_MS = 5_000;

/**
 * Keeps the flag file of a KV namespace for the requests of an isolate. Only plain values are kept: a promise belongs to the request that made
 * it, and workerd lets no other one wait for it, so that requests which need the first file at the same moment each read it.
 */
export class KvFlagSource implements FlagSource {
  readonly #options: KvFlagSourceOptions;
  #snapshot: FlagSnapshot = { file: "unread", flags: NO_FLAGS, readAt: null };
  /** What was last told of. A namespace without a file is no news. */
  #told = "absent ";
  /** Until then somebody reads in the background, unless the platform ended it. */
  #readsUntil = 0;
  #failedAt = Number.NEGATIVE_INFINITY;

  constructor(options: KvFlagSourceOptions) {
    this.#options = options;
  }

  current(): FlagSnapshot {
    return this.#snapshot;
  }

  prepare(background: Background | null): Promise<void> | null {
    const now = this.#options.clock();
    const { readAt } = this.#snapshot;
    const ageMs = readAt === null ? Number.POSITIVE_INFINITY : now - readAt;
    if (ageMs < FRESH_MS || now - this.#failedAt < RETRY_MS) return null;
    if (ageMs >= MAX_AGE_MS || background === null) return this.#read();
    if (now >= this.#readsUntil) background.waitUntil(this.#read());
    return null;
  }

  /** Never fails. Of two that read at the same time the later one knows more, whichever ends last. */
  async #read(): Promise<void> {
    const { read, clock, withTimeout } = this.#options;
    const startedAt = clock();
    this.#readsUntil = startedAt + READ_TIMEOUT_MS;
    try {
      const text = await withTimeout(read(), READ_TIMEOUT_MS);
      if (this.#isNewest(startedAt)) this.#take(text, startedAt);
    } catch (error) {
      if (this.#isNewest(startedAt)) this.#fail(error);
    }
    this.#readsUntil = 0;
  }

  #isNewest(startedAt: number): boolean {
    return (this.#snapshot.readAt ?? Number.NEGATIVE_INFINITY) <= startedAt;
  }

  #take(text: string | null, readAt: number): void {
    const parsed = text === null ? null : parseFlagFile(text);
    const file = parsed === null ? "absent" : parsed.isValid ? "loaded" : "invalid";
    const flags = parsed?.isValid === true ? parsed.flags : NO_FLAGS;
    const finding = parsed?.isValid === false ? parsed.finding : null;
    this.#failedAt = Number.NEGATIVE_INFINITY;
    this.#snapshot = { file, flags, readAt };
    this.#tell(`${file} ${finding ?? text ?? ""}`, { outcome: file, flags, finding, error: null });
  }

  /** What was read before holds on for a while: an operator who switched something off did so for a reason. */
  #fail(error: unknown): void {
    const now = this.#options.clock();
    this.#failedAt = now;
    const { readAt } = this.#snapshot;
    const holds = readAt !== null && now - readAt < MAX_AGE_MS;
    if (!holds) this.#snapshot = UNREACHABLE;
    const { flags } = this.#snapshot;
    this.#tell(`unreachable ${holds}`, { outcome: "unreachable", flags, finding: null, error });
  }

  #tell(words: string, change: FlagFileChange): void {
    if (words === this.#told) return;
    this.#told = words;
    this.#options.onChange(change);
  }
}

const UNREACHABLE: FlagSnapshot = { file: "unreachable", flags: NO_FLAGS, readAt: null };
