import { readFileSync } from "node:fs";
import path from "node:path";

import { migrate } from "../../db/migrate.ts";
import { readPendingMigrations } from "../../db/pending-migrations.ts";
import { runSmoke } from "../../smoke/run.ts";
import { ROOT } from "../../verify/run-bin.ts";
import { readWorkerName } from "../cloudflare/worker-name.ts";
import { createWranglerControlPlane } from "../cloudflare/wrangler.ts";
import type { Environment, ReleaseSecrets, ReleaseTarget } from "../command/environment.ts";
import type { EnvironmentName } from "../command/usage.ts";
import { judge } from "../judge/judge.ts";
import { systemClock } from "../measure/clock.ts";
import { createProbeSource } from "../measure/probes.ts";
import type { MigrationParts, ReleaseParts } from "../parts.ts";
import { waitForVersion } from "../traffic/propagation.ts";
import { findAccessProblems } from "./access.ts";
import { readCheckedOut } from "./git.ts";
import { probeRate } from "./probe-budget.ts";
import { findCheckFailure, lintMigrations } from "./project-checks.ts";
import { smokeOptionsFor } from "./smoke-options.ts";

/** The Worker of an environment, as `wrangler.toml` of this repository names it. */
export function workerOf(env: EnvironmentName): string {
  return readWorkerName(readFileSync(path.join(ROOT, "wrangler.toml"), "utf8"), env);
}

export interface OpenPartsOptions {
  readonly env: EnvironmentName;
  readonly worker: string;
  readonly target: ReleaseTarget;
  readonly secrets: ReleaseSecrets;
  readonly isSmokeReadOnly: boolean;
  readonly environment: Environment;
  /** Interrupts the release. */
  readonly signal: AbortSignal;
  readonly confirm: ReleaseParts["confirm"];
  /** Told of each check of the smoke test. */
  readonly onSmoke: (text: string) => void;
}

/** The real parts of a release: this repository, wrangler, the database and the deployed Worker. */
export function openParts(options: OpenPartsOptions): ReleaseParts {
  const { env, worker, target, secrets, environment, signal, confirm } = options;
  const { url, apiBaseUrl, apiToken, accountId } = target;
  const wrangler = { env, cwd: ROOT, environment, apiBaseUrl, apiToken, accountId };
  const forward = createWranglerControlPlane({ ...wrangler, signal });
  return {
    forward,
    recovery: createWranglerControlPlane(wrangler),
    checkedOut: () => readCheckedOut(ROOT),
    findCheckFailure,
    findAccessProblems: (stop) => findAccessProblems({ url, apiKeys: secrets.apiKeys, signal: stop }),
    migrations: openMigrations(secrets.databaseUrl),
    tryBuild: () => forward.tryBuild(),
    confirm,
    smoke: (versionId, stop) => {
      const { isSmokeReadOnly: isReadOnly } = options;
      const [apiKey] = secrets.apiKeys;
      return runSmoke(
        smokeOptionsFor({ url, worker, apiKey, versionId, isReadOnly }),
        smokeReport(options.onSmoke),
        stop,
      );
    },
    source: createProbeSource({
      url,
      scriptName: worker,
      apiKeys: secrets.apiKeys,
      ratePerVersion: probeRate(secrets.apiKeys.length),
    }),
    judge,
    waitForVersion: (wait) => waitForVersion({ ...wait, url, scriptName: worker }),
    clock: systemClock,
    today: () => new Date(),
  };
}

function openMigrations(postgresUrl: string): MigrationParts {
  return {
    pending: async () => (await readPendingMigrations({ postgresUrl })).pending,
    lint: (names, signal) =>
      lintMigrations(
        names.map((name) => path.join("migrations", `${name}.sql`)),
        signal,
      ),
    apply: async (judged, note) => (await migrate({ postgresUrl, judged, log: note })).applied,
  };
}

function smokeReport(tell: (text: string) => void) {
  return {
    note: tell,
    passed: (name: string) => tell(name),
    failed: (name: string) => tell(`FAIL ${name}`),
    skipped: () => {},
  };
}
