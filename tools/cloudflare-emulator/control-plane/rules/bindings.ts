import type { Binding } from "../../model.ts";
import { ApiError, badRequest, ERROR_CODES } from "../http/api-error.ts";

const SECRET_TYPES: readonly string[] = ["secret_text", "secret_key"];

export interface MergeInput {
  readonly uploaded: readonly Binding[];
  /** Of the newest version; empty before the first one. */
  readonly previous: readonly Binding[];
  /** Types whose bindings stay although the upload does not name them; the secrets when undefined. */
  readonly keepTypes: readonly string[] | undefined;
}

export function isSecret({ type }: Binding): boolean {
  return SECRET_TYPES.includes(type);
}

/**
 * The complete bindings of a new version: what was uploaded, with each `inherit` replaced by what it stands for, then what
 * is kept. An uploaded binding replaces a kept one of its name.
 * @throws ApiError 10057 that names every binding without a predecessor, or 400 for a name that comes twice
 */
export function mergeBindings({ uploaded, previous, keepTypes = SECRET_TYPES }: MergeInput): readonly Binding[] {
  const twice = uploaded.find(({ name }, index) => uploaded.findIndex((other) => other.name === name) !== index);
  if (twice !== undefined) throw badRequest(`The binding ${twice.name} was uploaded twice.`);
  const resolved = uploaded.map((binding) => ({ binding, source: sourceOf(binding, previous) }));
  const orphans = resolved.filter(({ source }) => source === null).map(({ binding }) => binding.name);
  if (orphans.length > 0) throw nothingToInherit(orphans);
  const bindings = resolved.flatMap(({ binding, source }) =>
    source === null ? [] : [{ ...source, name: binding.name }],
  );
  const names = new Set(bindings.map(({ name }) => name));
  return [...bindings, ...previous.filter(({ name, type }) => keepTypes.includes(type) && !names.has(name))];
}

/** Without the values of secrets, as every answer shows them. */
export function hideSecrets(bindings: readonly Binding[]): readonly Binding[] {
  return bindings.map((binding) => (isSecret(binding) ? { name: binding.name, type: binding.type } : binding));
}

function sourceOf(binding: Binding, previous: readonly Binding[]): Binding | null {
  if (binding.type !== "inherit") return binding;
  const wanted = binding["old_name"] ?? binding.name;
  return previous.find(({ name }) => name === wanted) ?? null;
}

/** Wrangler reads the names out of this wording. */
function nothingToInherit(names: readonly string[]): ApiError {
  return new ApiError(
    400,
    names.map((name) => ({
      code: ERROR_CODES.invalidInherit,
      message: `inherit binding '${name}' is invalid: the previous version has no binding of this name`,
    })),
  );
}
