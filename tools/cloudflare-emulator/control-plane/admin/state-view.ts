import { hideSecrets } from "../rules/bindings.ts";
import type { Store } from "../state/store.ts";

/** All scripts, for people and tests; values of secrets are left out. */
export function viewState(store: Store) {
  return {
    scripts: store.list().map((script) => ({
      ...script,
      versions: script.versions.map((version) => ({ ...version, bindings: hideSecrets(version.bindings) })),
    })),
  };
}
