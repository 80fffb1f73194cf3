// `npm run telemetry:bind`: the API's binding to the telemetry Worker, into wrangler.toml or out of it.
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

import { generateTypes } from "../../bindings/generate-types.ts";
import { parseFlags } from "../../command/parse-flags.ts";
import { UsageError } from "../../command/usage-error.ts";
import { ROOT } from "../../process/run-script.ts";
import { addBinding, removeBinding, telemetryWorker } from "./binding.ts";

const HELP = `npm run telemetry:bind -- --env staging|production [--remove]

Writes the binding TELEMETRY of the API into wrangler.toml, and the types of the bindings, so that its next release delivers metrics. Deploy the telemetry Worker
first (docs/observability.md, Turn it on): Cloudflare refuses a binding to a Worker that does not exist.

  --env NAME    staging or production
  --remove      takes the binding out again, which has to be released before the telemetry Worker is deleted
  --help        this text

Exit code: 0 done, also when there was nothing to do; 1 the types could not be written; 2 wrong usage.
`;

const FLAGS = {
  env: { type: "string" },
  remove: { type: "boolean", default: false },
  help: { type: "boolean", short: "h", default: false },
} as const;

async function main(args: readonly string[]): Promise<number> {
  const { env = "", remove, help } = parseFlags(args, FLAGS);
  if (help) {
    process.stdout.write(HELP);
    return 0;
  }
  if (env !== "staging" && env !== "production") throw new UsageError("--env must be staging or production.");
  return await change(env, remove);
}

/** Gives the exit code. */
async function change(env: string, remove: boolean): Promise<number> {
  const file = path.join(ROOT, "wrangler.toml");
  const before = readFileSync(file, "utf8");
  const after = remove ? removeBinding(before, env) : addBinding(before, env);
  if (after !== before) writeFileSync(file, after);
  const state = remove ? "has no binding to telemetry" : `is bound to ${telemetryWorker(env)}`;
  console.log(`${after === before ? "Nothing to do" : "wrangler.toml is written"}: the API in ${env} ${state}.`);
  if (after === before) return 0;
  const { exitCode, output } = await generateTypes();
  if (exitCode !== 0) {
    console.error(`The types of the bindings could not be written:\n${output}`);
    return 1;
  }
  console.log(`Commit both files, then: npm run release -- --env ${env}`);
  return 0;
}

if (import.meta.main) {
  try {
    process.exitCode = await main(process.argv.slice(2));
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(`${error.message}\nSee npm run telemetry:bind -- --help`);
    process.exitCode = 2;
  }
}
