import { isDeepStrictEqual } from "node:util";

import type { Binding } from "../../model.ts";
import { badRequest, refuse } from "../http/api-error.ts";
import type { ScriptRecord } from "../state/records.ts";
import { newestVersion } from "../state/records.ts";
import { isSecret } from "./bindings.ts";

/** A new value per secret, null to delete it. */
export type SecretChanges = ReadonlyMap<string, string | null>;

/**
 * Bindings with the secrets changed.
 * @throws ApiError for the name of another kind of binding, or for the deletion of a secret that is not there
 */
export function changeSecrets(bindings: readonly Binding[], changes: SecretChanges): readonly Binding[] {
  for (const [name, value] of changes) {
    const current = bindings.find((binding) => binding.name === name);
    if (current !== undefined && !isSecret(current)) throw badRequest(`${name} is a binding of type ${current.type}.`);
    if (current === undefined && value === null) throw refuse(404, "secretNotFound", `There is no secret ${name}.`);
  }
  const kept = bindings.filter(({ name }) => !changes.has(name));
  const set = [...changes].flatMap(([name, text]) => (text === null ? [] : [{ name, type: "secret_text", text }]));
  return [...kept, ...set];
}

/** Names of the secrets that were added, removed or changed between two versions, in alphabetical order. */
export function changedSecrets(before: readonly Binding[], after: readonly Binding[]): readonly string[] {
  const names = new Set([...before, ...after].filter(isSecret).map(({ name }) => name));
  const secretOf = (bindings: readonly Binding[], name: string): Binding | undefined =>
    bindings.find((binding) => binding.name === name && isSecret(binding));
  return [...names].filter((name) => !isDeepStrictEqual(secretOf(before, name), secretOf(after, name))).toSorted();
}

/** Whether the newest version gets all traffic, so that a change of it may be deployed without deploying anything else. */
export function isNewestFullyDeployed(script: ScriptRecord): boolean {
  const newest = newestVersion(script);
  const live = script.deployments[0]?.versions ?? [];
  return live.some(({ versionId, percentage }) => versionId === newest?.id && percentage === 100);
}
