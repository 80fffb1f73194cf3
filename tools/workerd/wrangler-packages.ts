import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";

/** Packages as wrangler sees them, so that measured is what it would build with and deploy to. */
const wranglerRequire = createRequire(import.meta.resolve("wrangler/package.json"));

/** Path of the runtime's program. */
export function workerdProgram(): string {
  const found: { readonly default: string } = wranglerRequire("workerd");
  return found.default;
}

/** Folder that holds `workerd.capnp`, which every configuration imports. */
export function workerdFolder(): string {
  return path.dirname(wranglerRequire.resolve("workerd/package.json"));
}

/** Version of the runtime. */
export function workerdVersion(): string {
  const found: { readonly version: string } = wranglerRequire("workerd");
  return found.version;
}

/** The part of esbuild's interface that is needed here. */
export interface Esbuild {
  build(options: Readonly<Record<string, unknown>>): Promise<unknown>;
}

/** The bundler behind `wrangler deploy`. */
export function esbuild(): Esbuild {
  return wranglerRequire("esbuild");
}

/** Path of the project. */
export const ROOT = path.resolve(fileURLToPath(new URL("../..", import.meta.url)));
