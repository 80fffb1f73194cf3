import { readFileSync } from "node:fs";
import path from "node:path";

import { ROOT } from "../../process/run-script.ts";
import { readWorkerName } from "../cloudflare/worker-name.ts";
import type { Environment, ReleaseTarget } from "../command/environment.ts";
import type { EnvironmentName } from "../command/usage.ts";
import type { Clock } from "../measure/clock.ts";

export const COMPANION_NAMES = ["telemetry", "rpc", "events"] as const;
/** What `--worker` calls a Worker beside the API; its folder has that name, too. */
export type CompanionName = (typeof COMPANION_NAMES)[number];

/** A label, and what there is to say; another line of the same without one. */
export type Row = readonly [label: string, text: string];

/** What releases have to know of one Worker beside the API: all in which it differs from the others. */
export interface Companion {
  readonly name: CompanionName;
  /** Variable with the origin at which it answers; null when nothing of the network reaches it. */
  readonly urlVariable: string | null;
  /** Whether cron triggers and a queue's consumer start it: these belong to the Worker, not to its versions, and are deployed behind them. */
  readonly hasTriggers: boolean;
  /** Reads what looking at it takes, beyond its address. Throws UsageError. */
  readonly prepareLooks: (env: Environment) => (at: LookedAt) => Looks;
  readonly texts: CompanionTexts;
}

export interface CompanionTexts {
  /** Of the help text: what it is, and how a version is looked at. */
  readonly about: string;
  /** Of the help text: variables of its own, a line for each. */
  readonly variables: string;
  /** Where its first deployment is described. */
  readonly setUp: string;
  /** In which order it and the API are released. */
  readonly order: string;
  /** What the steps of a version without a class migration are, and why there are no others. */
  readonly steps: readonly Row[];
  /** What becomes of its work while it is bad. */
  readonly meanwhile: string;
  /** What its looks have shown when it is released; a sentence's end. */
  readonly shown: string;
}

/** The deployed Worker, for those who look at it. */
export interface LookedAt {
  readonly target: Pick<ReleaseTarget, "apiBaseUrl" | "apiToken" | "accountId">;
  /** Empty when it has none. */
  readonly url: string;
  readonly scriptName: string;
  readonly clock: Clock;
}

/** How a version of it is examined. Each gives a sentence for the report, or throws StageFailure. */
export interface Looks {
  /** Before anything is changed, so that nobody finds out half-way that looking is impossible. */
  before(signal: AbortSignal): Promise<string>;
  /** That version does its work; by the override until it has everything. */
  at(version: LookedAtVersion, signal: AbortSignal): Promise<string>;
}

export interface LookedAtVersion {
  readonly versionId: string;
  readonly usesOverride: boolean;
}

/** Where its configuration is, for `--config`. */
export function configOf({ name }: Pick<Companion, "name">): string {
  return `${name}/wrangler.toml`;
}

export function folderOf({ name }: Pick<Companion, "name">): string {
  return path.join(ROOT, name);
}

/** Name of the Worker in the account, as its configuration has it. */
export function workerNameOf(companion: Pick<Companion, "name">, env: EnvironmentName): string {
  return readWorkerName(readFileSync(path.join(ROOT, configOf(companion)), "utf8"), env);
}

/** Commands for an operator, when nobody can say what is live. */
export function describeCompanionWayOut(
  companion: Pick<Companion, "name">,
  { env, previousId }: { readonly env: string; readonly previousId: string | null },
): readonly string[] {
  const id = previousId === null ? "" : ` --to ${previousId}`;
  return [
    "Look what is live:",
    `  npx wrangler deployments list --config ${configOf(companion)} --env ${env}`,
    "Unless a class migration lies between, give all traffic to the version that is known to be good:",
    `  npm run rollback -- --worker ${companion.name} --env ${env}${id}`,
  ];
}
