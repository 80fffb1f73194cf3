// A plugin of Miniflare, loaded by its path: a KV binding as the runtime has it, whose requests go to the companion. Miniflare's own keeps
// values in the process, and each version has one.
import { defineUnsafeBinding } from "./unsafe-binding.mjs";

export const TYPE = "emulated-kv";

export const plugins = defineUnsafeBinding(TYPE, ({ service, entrypoint, ...props }) => ({
  kvNamespace: { name: service, entrypoint, props: { json: JSON.stringify(props) } },
}));
