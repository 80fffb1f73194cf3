// A plugin of Miniflare, loaded by its path: a queue's producer binding as the runtime has it, whose requests go to the companion. Miniflare's
// own broker keeps messages in the process, and each version has one.
import { defineUnsafeBinding } from "./unsafe-binding.mjs";

export const TYPE = "emulated-queue";

export const plugins = defineUnsafeBinding(TYPE, ({ service, entrypoint, ...props }) => ({
  queue: { name: service, entrypoint, props: { json: JSON.stringify(props) } },
}));
