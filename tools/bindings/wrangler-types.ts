export const BINDINGS_FILE = "src/worker-configuration.d.ts";

/** What wrangler is called with, also to check the file. From the other configurations it knows the methods of the Workers that the API may be bound to. */
export const WORKER_TYPES = [
  "types",
  "--config=wrangler.toml",
  "--config=telemetry/wrangler.toml",
  "--config=events/wrangler.toml",
  "--include-runtime=false",
  "--strict-vars=false",
  BINDINGS_FILE,
] as const;

/**
 * wrangler begins what it writes with a comment that tells linters to look away, whatever they are. Ours leaves the file out by its
 * name (`.oxlintrc.json`), where all such exceptions stand.
 * @throws Error when wrangler writes something else now
 */
export function dropFirstComment(types: string): string {
  const [comment = "", ...lines] = types.split("\n");
  if (!/^\/\*.*\*\/$/.test(comment)) throw new Error(`wrangler no longer begins ${BINDINGS_FILE} with a comment`);
  return lines.join("\n");
}
