import type { Binding } from "../../model.ts";
import { refuse } from "../http/api-error.ts";
import type { Store } from "../state/store.ts";

/**
 * A binding leads to a Worker that is there; its own counts, also when it is only being made. Whether that one has the entrypoint is
 * not looked at.
 * @throws ApiError 10143
 */
export function checkServices(bindings: readonly Binding[], scriptName: string, { find }: Pick<Store, "find">): void {
  for (const { name, type, service } of bindings) {
    if (type !== "service" || service === scriptName || find(String(service)) !== null) continue;
    const message =
      `Could not resolve service binding '${name}'. Target script '${String(service)}' not found. ` +
      "Please verify the target script and try again.";
    throw refuse(400, "serviceNotFound", message);
  }
}
