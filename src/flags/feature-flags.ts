import { OpenFeature } from "@openfeature/server-sdk";

import { FEATURE_FLAGS, FLAG_NAMES, type FlagName, type FlagReport } from "../models/feature-flag.ts";
import type { Background } from "../observability/metrics.ts";
import { createFlagFileProvider } from "./flag-provider.ts";
import type { FlagSource } from "./flag-source.ts";

/** Whoever asks: a request. */
export interface FlagAsker {
  /** Whose share of a rollout counts; null is nobody's. */
  readonly caller: string | null;
  /** Null where nothing goes on after the answer. */
  readonly background: Background | null;
  /** Told what was decided. */
  noteFlag(name: FlagName, isOn: boolean): void;
}

export interface FeatureFlags {
  /** Whether a flag is on for whoever asks. Never fails, and waits for KV in an isolate that knows no flags yet only. */
  isOn(name: FlagName, asker: FlagAsker): Promise<boolean>;
  /** What is known now, read anew where that is too old. */
  report(background: Background | null): Promise<FlagReport>;
}

export interface FeatureFlagsOptions {
  readonly source: FlagSource;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

let made = 0;

/** Registers the provider, once per isolate; in a domain of its own, for an isolate of tests has several. */
export function createFeatureFlags({ source, clock }: FeatureFlagsOptions): FeatureFlags {
  const domain = `users-api-${++made}`;
  OpenFeature.setProvider(
    domain,
    createFlagFileProvider(() => source.current()),
  );
  const client = OpenFeature.getClient(domain);

  const prepare = async (background: Background | null): Promise<void> => {
    const waiting = source.prepare(background);
    if (waiting !== null) await waiting;
  };

  return {
    async isOn(name, asker) {
      const { caller, background } = asker;
      await prepare(background);
      const context = caller === null ? {} : { targetingKey: caller };
      const isOn = await client.getBooleanValue(name, FEATURE_FLAGS[name].isOnByDefault, context);
      asker.noteFlag(name, isOn);
      return isOn;
    },

    async report(background) {
      await prepare(background);
      const { file, flags, readAt } = source.current();
      return {
        file,
        ageMs: readAt === null ? null : clock() - readAt,
        flags: FLAG_NAMES.map((name) => {
          const state = flags.get(name);
          return {
            name,
            state: state ?? (FEATURE_FLAGS[name].isOnByDefault ? "on" : "off"),
            isDefault: state === undefined,
          };
        }),
      };
    },
  };
}
