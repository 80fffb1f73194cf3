import { createEventCursorCodec, type EventCursorCodec } from "../../src/http/user-events/cursor.ts";
import { createLogger, type Logger } from "../../src/observability/logger.ts";
import { createPostgresUserEventRepository } from "../../src/repositories/postgres-user-event-repository.ts";
import type { Config } from "./config.ts";
import { openDatabase, startCall } from "./database.ts";
import type { FollowOptions } from "./feed/follow.ts";
import { createFeedObserver } from "./feed/observer.ts";
import type { FeedObjects } from "./feed/open-socket.ts";

/** The bindings of `wrangler.toml` that the feed's objects use, and those who call them. */
export interface FeedBindings {
  readonly USER_EVENT_FEEDS: {
    getByName(name: string): { fetch(request: Request): Promise<Response>; nudge(): Promise<boolean> };
  };
  readonly FEED_DIRECTORY: { getByName(name: string): Directory };
  readonly CF_VERSION_METADATA?: { readonly id: string; readonly tag: string };
}

/** The one object that knows which feeds have sockets. */
export interface Directory {
  note(name: string): Promise<void>;
  nudge(): Promise<void>;
}

/** What an object is made of, besides its sockets. */
export interface FeedParts extends Omit<FollowOptions, "sockets"> {
  readonly directory: Directory;
  readonly socketsPerCaller: number;
}

/** Composition root of an object: lives as long as its memory. */
export function createFeedParts(config: Config, bindings: FeedBindings): FeedParts {
  const logger = openLog(config, bindings);
  const { perCaller: socketsPerCaller, ...limits } = config.sockets;
  return {
    events: createPostgresUserEventRepository({ queries: openDatabase(config, logger) }),
    cursors: openCursors(config),
    startCall: () => startCall("feed"),
    limits,
    clock: Date.now,
    observer: createFeedObserver(logger),
    directory: findDirectory(bindings),
    socketsPerCaller,
  };
}

/** With the API's secret, so that a cursor is good wherever it comes from. */
export function openCursors({ cursorSecret: secret }: Config): EventCursorCodec {
  return createEventCursorCodec({ secret });
}

export function openLog(
  { logLevel: level }: Config,
  { CF_VERSION_METADATA: version }: Pick<FeedBindings, "CF_VERSION_METADATA">,
): Logger {
  return createLogger({ level, base: { version_id: version?.id ?? "local", version_tag: version?.tag ?? null } });
}

export function findDirectory({ FEED_DIRECTORY: directories }: FeedBindings): Directory {
  return directories.getByName("directory");
}

export function toFeedObjects({ USER_EVENT_FEEDS: feeds }: FeedBindings): FeedObjects {
  return { fetch: (name, request) => feeds.getByName(name).fetch(request) };
}
