import type { KvNamespaces } from "../../kv/kv-namespaces.ts";
import type { Binding } from "../../model.ts";
import { refuse } from "../http/api-error.ts";

/**
 * A KV binding leads to a namespace that is there.
 * @throws ApiError 10411
 */
export function checkNamespaces(bindings: readonly Binding[], { find }: Pick<KvNamespaces, "find">): void {
  for (const { name, type, namespace_id: id } of bindings) {
    if (type !== "kv_namespace" || find(String(id)) !== null) continue;
    throw refuse(400, "namespaceNotFound", `The binding ${name} leads to a KV namespace that does not exist.`);
  }
}
