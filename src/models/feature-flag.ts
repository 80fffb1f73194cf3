/** What a flag decides, and what holds for everybody while nobody has said otherwise. */
export interface FlagDefinition {
  readonly isOnByDefault: boolean;
  /** One sentence for operators. */
  readonly decides: string;
}

/** Every flag of the service. Its name is for good: callers are dealt to the shares of a rollout by it. */
export const FEATURE_FLAGS = {
  "users-events-stream": {
    isOnByDefault: true,
    decides: "Whether the feed of events is served as a stream too, and as a WebSocket, and not as pages alone.",
  },
} as const satisfies Readonly<Record<string, FlagDefinition>>;

export type FlagName = keyof typeof FEATURE_FLAGS;

export const FLAG_NAMES: readonly FlagName[] = ["users-events-stream"];

/** On or off for everybody, or on for that share of the callers, in whole percent from 0 to 100. */
export type FlagState = "on" | "off" | `${number}%`;

/** Where what flags say comes from: `unread` and `unreachable` mean defaults as `absent` and `invalid` do, for other reasons. */
export type FlagFileState = "loaded" | "absent" | "invalid" | "unreachable" | "unread";

/** The flags as one isolate knows them. */
export interface FlagReport {
  readonly file: FlagFileState;
  /** Milliseconds since it was read; null when it never was, or is too old to hold. */
  readonly ageMs: number | null;
  readonly flags: readonly { readonly name: FlagName; readonly state: FlagState; readonly isDefault: boolean }[];
}
