import { setTimeout as sleep } from "node:timers/promises";

import type { Kind, Subscriber } from "./kinds.ts";

/** Where a subscriber of the feed connects to. */
export interface FeedOptions {
  /** Where the service listens. */
  readonly origin: string;
  /** Of its own: the load's keys have their limits. */
  readonly apiKey: string;
}

/** What a subscriber's connections leave behind. */
export interface Notebook {
  /** Of the last event or sign of life; null before the first. */
  cursor: string | null;
  readonly ids: string[];
  readonly invalid: string[];
}

export interface ConnectionOptions {
  readonly kind: Kind;
  /** Opens one connection, and resolves or rejects when that has ended, whatever the reason. */
  readonly connect: (notebook: Notebook, signal: AbortSignal) => Promise<void>;
}

/** Whoever comes again at once, and is refused, would do nothing but that. */
const PAUSE_MS = 500;
/** Three of the service's heartbeats: after that a connection is dead, though nobody has said so. */
export const SILENCE_MS = 45_000;

const FEED_PATH = "/api/v1/users/events";

/** Keeps one connection after the other, each from where the one before has come to. */
export function keepConnected({ kind, connect }: ConnectionOptions): Subscriber {
  const notebook: Notebook = { cursor: null, ids: [], invalid: [] };
  const left = new AbortController();
  let reconnects = 0;
  const run = async (): Promise<void> => {
    while (!left.signal.aborted) {
      await connect(notebook, left.signal).catch(() => undefined);
      if (left.signal.aborted) return;
      reconnects += 1;
      await sleep(PAUSE_MS, undefined, { signal: left.signal }).catch(() => undefined);
    }
  };
  const ended = run();
  return {
    kind,
    ids: notebook.ids,
    invalid: notebook.invalid,
    get reconnects() {
      return reconnects;
    },
    async stop() {
      left.abort();
      await ended;
    },
  };
}

/** The feed from where the notebook has come to; from its oldest event where that is nowhere. */
export function feedUrl({ origin }: FeedOptions, cursor: string | null): URL {
  const url = new URL(FEED_PATH, origin);
  if (cursor !== null) url.searchParams.set("cursor", cursor);
  return url;
}
