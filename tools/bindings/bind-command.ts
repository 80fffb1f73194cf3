import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

import { parseFlags } from "../command/parse-flags.ts";
import { UsageError } from "../command/usage-error.ts";
import { ROOT } from "../process/run-script.ts";
import { generateTypes } from "./generate-types.ts";
import { addBinding, removeBinding, type ServiceBinding } from "./service-binding.ts";

export interface BindCommand {
  /** As it is called, for messages. */
  readonly name: string;
  readonly help: string;
  /** What the API is bound to, in a word. */
  readonly target: string;
  readonly service: ServiceBinding;
}

const FLAGS = {
  env: { type: "string" },
  remove: { type: "boolean", default: false },
  help: { type: "boolean", short: "h", default: false },
} as const;

/** Writes a binding of the API into wrangler.toml, or takes it out, and the types of the bindings; gives the exit code. */
export async function runBindCommand(command: BindCommand, args: readonly string[]): Promise<number> {
  try {
    const { env = "", remove, help } = parseFlags(args, FLAGS);
    if (help) {
      process.stdout.write(command.help);
      return 0;
    }
    if (env !== "staging" && env !== "production") throw new UsageError("--env must be staging or production.");
    return await change(command, env, remove);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(`${error.message}\nSee ${command.name} -- --help`);
    return 2;
  }
}

/** Gives the exit code. */
async function change({ target, service }: BindCommand, env: string, remove: boolean): Promise<number> {
  const file = path.join(ROOT, "wrangler.toml");
  const before = readFileSync(file, "utf8");
  const after = remove ? removeBinding(before, env, service) : addBinding(before, env, service);
  if (after !== before) writeFileSync(file, after);
  const state = remove ? `has no binding to ${target}` : `is bound to ${service.workerOf(env)}`;
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
