import type { Script, VersionShare } from "../../model.ts";

export interface PublicationsOptions {
  /** Delay in ms until a publication takes effect, asked for each of them. */
  readonly delayMs: () => number;
  /** Called after a script's publication took effect. */
  readonly onSwitch: (script: Script) => void;
}

/** What of each script is served, and what is about to be. */
export interface Publications {
  /** The scripts as they are served. */
  readonly served: ReadonlyMap<string, Script>;
  /** Makes sure that the versions of a script's deployment count as needed from now on. */
  announce(script: Script): Announcement;
  remove(scriptName: string): void;
  /** Versions of the served deployment and of those on their way. */
  neededVersions(scriptName: string): ReadonlySet<string>;
  close(): void;
}

/** Call one of the two. */
export interface Announcement {
  /** Serves the script from now on, or after the delay. */
  serve(): void;
  cancel(): void;
}

interface Pending {
  readonly order: number;
  readonly script: Script;
  timer?: NodeJS.Timeout;
}

/** All that a publication changes takes effect in one step: host names, percentages, overrides and keys. */
export function createPublications({ delayMs, onSwitch }: PublicationsOptions): Publications {
  const served = new Map<string, Script>();
  const pending = new Set<Pending>();
  let lastOrder = 0;

  /** Drops what was announced earlier and still waits: a shorter delay must not let it come back. */
  const discard = (scriptName: string, upTo: number): void => {
    for (const entry of pending) {
      if (entry.script.name !== scriptName || entry.order > upTo) continue;
      clearTimeout(entry.timer);
      pending.delete(entry);
    }
  };
  const takeEffect = ({ script, order }: Pending): void => {
    discard(script.name, order);
    served.set(script.name, script);
    onSwitch(script);
  };

  return {
    served,
    announce(script) {
      const entry: Pending = { order: ++lastOrder, script };
      pending.add(entry);
      return {
        serve() {
          // Gone when the script was removed meanwhile.
          if (!pending.has(entry)) return;
          const delay = delayMs();
          if (delay <= 0) takeEffect(entry);
          else entry.timer = setTimeout(takeEffect, delay, entry);
        },
        cancel: () => pending.delete(entry),
      };
    },
    remove(scriptName) {
      discard(scriptName, lastOrder);
      served.delete(scriptName);
    },
    neededVersions(scriptName) {
      const announced = [...pending].map(({ script }) => script).filter(({ name }) => name === scriptName);
      const shares = [served.get(scriptName), ...announced].flatMap(liveShares);
      return new Set(shares.map(({ versionId }) => versionId));
    },
    close() {
      for (const { timer } of pending) clearTimeout(timer);
      pending.clear();
    },
  };
}

/** The versions of the live deployment; none before the first one. */
export function liveShares(script: Script | undefined): readonly VersionShare[] {
  return script?.deployments[0]?.versions ?? [];
}
