export const BINDINGS_FILE = "src/worker-configuration.d.ts";

/** What wrangler is called with, also to check the file. */
export const WORKER_TYPES = ["types", "--include-runtime=false", "--strict-vars=false", BINDINGS_FILE] as const;

/** wrangler switches linters off in what it writes, and does not say why. */
const SWITCHED_OFF = "/* eslint-disable */";
const WITH_REASON =
  "/* eslint-disable -- wrangler writes this file; npm run verify holds it to wrangler.toml, and people edit that */";

/** @throws Error when wrangler writes something else now */
export function giveReason(types: string): string {
  if (!types.startsWith(`${SWITCHED_OFF}\n`)) throw new Error(`${BINDINGS_FILE} no longer begins with ${SWITCHED_OFF}`);
  return types.replace(SWITCHED_OFF, WITH_REASON);
}
