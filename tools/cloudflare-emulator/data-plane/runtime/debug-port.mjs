// A plugin of Miniflare, loaded by its path: gives a Worker workerd's debug port as a binding, for which Miniflare has no option. With it
// a Worker calls entrypoints and Durable Objects of another workerd: Miniflare's own sessions find each other in this way.
import { kVoid } from "miniflare";

import { defineUnsafeBinding } from "./unsafe-binding.mjs";

export const TYPE = "debug-port";

export const plugins = defineUnsafeBinding(TYPE, () => ({ workerdDebugPort: kVoid }));
