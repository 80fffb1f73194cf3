import type { V4WorkerOptions } from "miniflare";
import { z } from "zod";

import { type Binding, type ObjectClass, StartupError, type Version } from "../../model.ts";
import { COMPANION } from "./bindings.ts";

/**
 * Where the Durable Objects of a version are: each of them may exist only once, and a database can be open in one process only. So they
 * live in a process of their own, that of a version too, and all others lead there.
 */
export type ObjectHosting =
  | { readonly kind: "elsewhere" }
  /** Here; what they keep is in this folder. */
  | { readonly kind: "here"; readonly folder: string; readonly classes: readonly ObjectClass[] };

type ObjectOptions = Pick<V4WorkerOptions, "durableObjects" | "additionalUnboundDurableObjects">;

const NAMESPACE = z.object({ class_name: z.string(), namespace_id: z.string().regex(/^[0-9a-f]{32}$/) });

/** What the Worker gets for its bindings to classes of objects. */
export function toObjectOptions(version: Version, hosting: ObjectHosting): ObjectOptions {
  const bound = objectBindings(version);
  const own = hosting.kind === "here" ? hosting.classes : [];
  const designatorOf = ({ namespaceId }: BoundClass) => {
    const here = own.find((one) => one.namespaceId === namespaceId);
    return here === undefined
      ? { className: proxyName(namespaceId), scriptName: COMPANION, unsafeUniqueKey: namespaceId }
      : toOwn(here);
  };
  const unbound = own.filter(({ namespaceId }) => !bound.some((one) => one.namespaceId === namespaceId));
  return {
    durableObjects: Object.fromEntries(bound.map((one) => [one.name, designatorOf(one)])),
    ...(unbound.length === 0 ? {} : { additionalUnboundDurableObjects: unbound.map(toOwn) }),
  };
}

function toOwn({ name, namespaceId, storage }: ObjectClass) {
  return { className: name, useSQLite: storage === "sqlite", unsafeUniqueKey: namespaceId };
}

/** The companion's part: a class for each namespace that is elsewhere, whose objects hand on what they are asked. */
export function toProxyClasses(version: Version, hosting: ObjectHosting): { source: string; options: ObjectOptions } {
  const own = hosting.kind === "here" ? hosting.classes.map(({ namespaceId }) => namespaceId) : [];
  const elsewhere = [...new Set(objectBindings(version).map(({ namespaceId }) => namespaceId))].filter(
    (id) => !own.includes(id),
  );
  return {
    source: [
      'import { objectProxy } from "./object-proxy.mjs";\n',
      ...elsewhere.map((id) => `export const ${proxyName(id)} = objectProxy("${id}");\n`),
    ].join(""),
    options: {
      durableObjects: Object.fromEntries(
        elsewhere.map((id) => [proxyName(id), { className: proxyName(id), unsafeUniqueKey: id }]),
      ),
    },
  };
}

interface BoundClass {
  readonly name: string;
  readonly namespaceId: string;
}

function objectBindings({ bindings }: Version): BoundClass[] {
  return bindings.filter(({ type }) => type === "durable_object_namespace").map(readBinding);
}

function readBinding(binding: Binding): BoundClass {
  const { success, data } = NAMESPACE.safeParse(binding);
  if (!success) throw new StartupError(`Binding "${binding.name}" leads to no class of Durable Objects`);
  return { name: binding.name, namespaceId: data.namespace_id };
}

const proxyName = (namespaceId: string): string => `Objects_${namespaceId}`;
