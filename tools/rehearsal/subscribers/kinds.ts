/** The ways in which one can hear of events. */
export type Kind = "sse" | "pages" | "websocket" | "webhook";

/** Those that a rehearsal keeps connected. */
export const KINDS: readonly Kind[] = ["sse", "pages", "websocket", "webhook"];

/** What a subscriber saw. */
export interface Sightings {
  readonly kind: Kind;
  /** Of events, in the order in which they came; as often as they came. */
  readonly ids: readonly string[];
  /** How often its connection, or a request of it, ended before its time. */
  readonly reconnects: number;
  /** What came and was no event of ours, in words. */
  readonly invalid: readonly string[];
}

/** A subscriber under way. */
export interface Subscriber extends Sightings {
  /** Leaves; what it has seen stays. */
  stop(): Promise<void>;
}
