import path from "node:path";

const ROOT = path.resolve(import.meta.dirname, "../..");

/** For programs that are given an environment of their own: what they load is compiled once, and not in each process again. */
export const COMPILE_CACHE = { NODE_COMPILE_CACHE: path.join(ROOT, "node_modules/.cache/wrangler-compile") };
