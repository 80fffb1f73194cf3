import type { Script, Version } from "../../model.ts";

/** Every version that was ever uploaded or published here. */
export interface KnownVersions {
  /** Takes over the versions of a script. */
  remember(script: Script): void;
  /** Adds one that its script may not list yet. */
  add(scriptName: string, version: Version): void;
  forget(scriptName: string): void;
  /** The newest last. */
  of(scriptName: string): readonly Version[];
  find(versionId: string): { readonly scriptName: string; readonly version: Version } | null;
}

export function createKnownVersions(): KnownVersions {
  const versions = new Map<string, readonly Version[]>();
  const of = (scriptName: string): readonly Version[] => versions.get(scriptName) ?? [];
  const add = (scriptName: string, added: readonly Version[]): void => {
    const ids = new Set(added.map(({ id }) => id));
    const others = of(scriptName).filter(({ id }) => !ids.has(id));
    const all = [...others, ...added];
    versions.set(
      scriptName,
      all.toSorted((left, right) => left.number - right.number),
    );
  };
  return {
    of,
    remember: (script) => add(script.name, script.versions),
    add: (scriptName, version) => add(scriptName, [version]),
    forget: (scriptName) => versions.delete(scriptName),
    find(versionId) {
      for (const [scriptName, all] of versions) {
        const version = all.find(({ id }) => id === versionId);
        if (version !== undefined) return { scriptName, version };
      }
      return null;
    },
  };
}
