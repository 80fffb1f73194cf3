import { globSync } from "node:fs";
import { join } from "node:path";

import { WORKER_TYPES } from "../bindings/wrangler-types.ts";
import { binPath, type CommandResult, ROOT, runScript } from "../process/run-script.ts";

export interface Step {
  readonly name: string;
  readonly proves: string;
  /** Takes a time, which is that of the machine if others work beside it. */
  readonly isTimed?: true;
  readonly run: (signal: AbortSignal) => Promise<CommandResult>;
}

type Command = readonly [script: string, ...args: string[]];

/** Runs the commands one after the other, so that one report shows everything that is wrong. */
const inTurn =
  (...commands: readonly (() => Command)[]) =>
  async (signal: AbortSignal): Promise<CommandResult> => {
    const results: CommandResult[] = [];
    for (const command of commands) {
      const [script, ...args] = command();
      results.push(await runScript(script, args, signal));
    }
    return {
      exitCode: results.find(({ exitCode }) => exitCode !== 0)?.exitCode ?? 0,
      output: results.map(({ output }) => output).join(""),
    };
  };

const tool =
  (path: string, ...args: string[]) =>
  (): Command => [join(ROOT, "tools", path), ...args];
const bin =
  (packageName: string, ...args: string[]) =>
  (): Command => [binPath(packageName), ...args];
const tsc = (project: string) => (): Command => [
  binPath("typescript", "tsc"),
  "--noEmit",
  "--project",
  join(ROOT, project),
];

/** squawk finds nothing wrong with no files, so their absence has to be an error here. */
function migrations(): string[] {
  const files = globSync("migrations/*.sql", { cwd: ROOT }).toSorted();
  if (files.length === 0) throw new Error("there is no migration to check");
  return files;
}

/** Slowest first: with a few workers, that order finishes soonest. */
export const STEPS: readonly Step[] = [
  { name: "unit", proves: "the unit tests pass", run: inTurn(bin("vitest", "run", "--project", "unit")) },
  {
    name: "bundle",
    proves: "the Workers fit their budgets of size and start-up time",
    isTimed: true,
    run: inTurn(tool("bundle/budget.ts")),
  },
  {
    name: "types",
    proves: "src, telemetry, events, rpc, ops, tools, bench and test compile",
    run: inTurn(
      tsc("tsconfig.json"),
      tsc("telemetry/tsconfig.json"),
      tsc("events/tsconfig.json"),
      tsc("rpc/tsconfig.json"),
      tsc("ops/tsconfig.json"),
      tsc("tools/tsconfig.json"),
      tsc("tools/assets/reference/page/tsconfig.json"),
      tsc("bench/tsconfig.json"),
      tsc("bench/workers/tsconfig.json"),
      tsc("test/tsconfig.json"),
      tsc("test/http/tsconfig.json"),
    ),
  },
  {
    name: "bindings",
    proves: "src/worker-configuration.d.ts matches wrangler.toml",
    run: inTurn(bin("wrangler", ...WORKER_TYPES, "--check")),
  },
  {
    name: "openapi",
    proves: "docs/openapi.json matches the routes, and docs/asyncapi.json matches it",
    run: inTurn(tool("openapi/generate.ts", "--check"), tool("asyncapi/generate.ts", "--check")),
  },
  {
    name: "compatible",
    proves: "docs/openapi.json breaks no client of the released one",
    run: inTurn(tool("openapi/check-breaking.ts")),
  },
  {
    name: "client",
    proves: "the client matches docs/openapi.json, compiles, and its types refuse wrong use",
    run: inTurn(tool("client/generate.ts", "--check"), tool("client/build.ts", "--check")),
  },
  {
    name: "rpc",
    proves: "rpc/proto is sound, and rpc/src/gen matches it",
    run: inTurn(tool("rpc/generate.ts", "--check")),
  },
  {
    name: "workflows",
    proves: "the GitHub Actions workflows are sound: actionlint, pins, permissions, secrets",
    run: inTurn(tool("workflows/check.ts")),
  },
  { name: "secrets", proves: "no file holds a secret", run: inTurn(tool("supply-chain/secrets.ts")) },
  {
    name: "licenses",
    proves: "every dependency has a licence that we allow, what ships a permissive one",
    run: inTurn(tool("supply-chain/licenses.ts")),
  },
  { name: "dead-code", proves: "no unused file, export or dependency", run: inTurn(bin("knip")) },
  {
    name: "lint",
    proves: "rules of .oxlintrc.json, import fences among them",
    run: inTurn(bin("oxlint", "--type-aware", "--deny-warnings")),
  },
  {
    name: "migrations",
    proves: "migrations are safe on a live database",
    run: inTurn(() => [binPath("squawk-cli", "squawk"), ...migrations()]),
  },
  {
    name: "released",
    proves: "released migrations are as they were, and src/db/schema.ts follows from all of them",
    run: inTurn(tool("db/check-migrations.ts"), bin("drizzle-kit", "check")),
  },
  { name: "format", proves: "oxfmt would change nothing", run: inTurn(bin("oxfmt", "--check")) },
];
