import { z } from "zod";

import type { Binding, ObjectClass } from "../../model.ts";
import { refuse } from "../http/api-error.ts";
import type { ScriptRecord } from "../state/records.ts";
import type { Store } from "../state/store.ts";

const names = z.array(z.string().min(1)).default([]);

/** One entry of `migrations` in a wrangler.toml, without its tag. */
const stepSchema = z.looseObject({
  new_classes: names,
  new_sqlite_classes: names,
  renamed_classes: z.array(z.object({ from: z.string(), to: z.string() })).default([]),
  deleted_classes: names,
  transferred_classes: z.array(z.unknown()).default([]),
});

/** As wrangler uploads it: the tag that the script has, the tag that it will have, and all steps in between. */
export const migrationsSchema = z.looseObject({
  old_tag: z.string().optional(),
  new_tag: z.string().optional(),
  steps: z.array(stepSchema).default([]),
});

export type Migrations = z.infer<typeof migrationsSchema>;

/**
 * The script with its classes as migrations leave them.
 * @throws ApiError 10079 when the script's tag is not what wrangler thought, 10074 for a class that is there or is not
 */
export function applyMigrations(script: ScriptRecord, migrations: Migrations, newId: () => string): ScriptRecord {
  const { old_tag: oldTag, new_tag: newTag, steps } = migrations;
  if ((oldTag ?? null) !== script.migrationTag) {
    const current = script.migrationTag ?? "";
    throw refuse(412, "migrationTagChanged", `Migration tag precondition failed; current tag is ${current}`);
  }
  const objectClasses = steps.reduce((classes, step) => applyStep(classes, step, newId), script.objectClasses);
  return { ...script, migrationTag: newTag ?? null, objectClasses };
}

function applyStep(
  before: readonly ObjectClass[],
  step: z.infer<typeof stepSchema>,
  newId: () => string,
): readonly ObjectClass[] {
  if (step.transferred_classes.length > 0) throw invalid("The emulator transfers no classes between Workers.");
  const renamed = before.map((one) => ({ ...one, name: nameAfter(one.name, step.renamed_classes) }));
  for (const gone of [...step.deleted_classes, ...step.renamed_classes.map(({ from }) => from)]) {
    if (before.every(({ name }) => name !== gone))
      throw invalid(`Cannot apply a migration to class '${gone}': no Durable Objects depend on it.`);
  }
  const added = [
    ...step.new_sqlite_classes.map((name) => ({ name, storage: "sqlite" as const })),
    ...step.new_classes.map((name) => ({ name, storage: "kv" as const })),
  ].map((one) => ({ ...one, namespaceId: newId().replaceAll("-", "") }));
  const after = [...renamed.filter(({ name }) => !step.deleted_classes.includes(name)), ...added];
  const twice = after.find(({ name }, index) => after.findIndex((other) => other.name === name) !== index);
  if (twice === undefined) return after;
  throw invalid(
    `Cannot apply new-class migration to class '${twice.name}' that is already depended on by existing Durable Objects`,
  );
}

function nameAfter(name: string, renamings: readonly { readonly from: string; readonly to: string }[]): string {
  return renamings.find(({ from }) => from === name)?.to ?? name;
}

function invalid(message: string) {
  return refuse(400, "invalidMigration", message);
}

/**
 * Bindings to classes of objects with the namespaces that they lead to; other bindings as they are.
 * @throws ApiError 10061 for a class that no migration has made
 */
export function resolveObjects(
  bindings: readonly Binding[],
  script: ScriptRecord,
  store: Pick<Store, "find">,
): readonly Binding[] {
  return bindings.map((binding) => {
    if (binding.type !== "durable_object_namespace") return binding;
    const { class_name: className, script_name: named } = binding;
    const owner = typeof named === "string" ? named : script.name;
    const classes = owner === script.name ? script.objectClasses : store.find(owner)?.objectClasses;
    if (classes === undefined) {
      throw noBinding(`Cannot create binding for class in script '${owner}' that does not exist.`);
    }
    const found = classes.find(({ name }) => name === className);
    if (found !== undefined) return { ...binding, namespace_id: found.namespaceId };
    throw noBinding(
      `Cannot create binding for class '${String(className)}' because it is not currently configured to implement Durable Objects. ` +
        "Ensure a --new-class migration has been applied to it.",
    );
  });
}

function noBinding(message: string) {
  return refuse(400, "noObjectClass", message);
}
