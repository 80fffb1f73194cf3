import { esbuild } from "../../tools/workerd/wrangler-packages.ts";

/** Bundles a Worker of one source file into one minified module, with the bundler of a release and without its aliases. */
export async function bundleWorker(entry: string, outFile: string): Promise<void> {
  await esbuild().build({
    entryPoints: [entry],
    outfile: outFile,
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2024",
    conditions: ["workerd", "worker", "browser"],
    external: ["cloudflare:*", "node:*"],
    logLevel: "silent",
  });
}
