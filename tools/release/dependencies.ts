import path from "node:path";

import { migrate } from "../db/migrate.ts";
import { MIGRATIONS_FOLDER, readMigrations } from "../db/migration-files.ts";
import { readPendingMigrations } from "../db/pending-migrations.ts";
import { ROOT } from "../process/run-script.ts";
import { runSmoke } from "../smoke/run.ts";
import { findAccessProblems } from "./adapters/access.ts";
import { readCheckedOut } from "./adapters/git.ts";
import { findCheckFailure, lintMigrations } from "./adapters/project-checks.ts";
import { smokeOptionsFor } from "./adapters/smoke-options.ts";
import { openRecovery } from "./cloudflare/recovery.ts";
import { createWranglerControlPlane } from "./cloudflare/wrangler.ts";
import type { Environment, ReleaseSecrets, ReleaseTarget } from "./command/environment.ts";
import type { MetricsAccess } from "./command/metrics-access.ts";
import { probeRate } from "./command/probe-budget.ts";
import type { EnvironmentName } from "./command/usage.ts";
import { findReceiverProblems } from "./companions/telemetry/receiver.ts";
import { judge } from "./judge/judge.ts";
import { systemClock } from "./measure/clock.ts";
import { createProbeSource } from "./measure/probes.ts";
import { createMetricsSource } from "./metrics/metrics-source.ts";
import type { MigrationPort, ReleasePorts } from "./ports.ts";
import { waitForVersion } from "./traffic/propagation.ts";

export interface DependencyOptions {
  readonly env: EnvironmentName;
  readonly worker: string;
  readonly target: ReleaseTarget;
  readonly secrets: ReleaseSecrets;
  /** Null when telemetry is not configured. */
  readonly metrics: MetricsAccess | null;
  readonly isSmokeReadOnly: boolean;
  readonly environment: Environment;
  /** Interrupts the release. */
  readonly signal: AbortSignal;
  readonly confirm: ReleasePorts["confirm"];
  /** Told of what failed and is done in another way. */
  readonly note: (text: string) => void;
  /** Told of each check of the smoke test. */
  readonly onSmoke: (text: string) => void;
}

/** Composition root of a release: the only place that names its adapters to this repository, wrangler, the database and the deployed Worker. */
export function createDependencies(options: DependencyOptions): ReleasePorts {
  const { env, worker, target, secrets, environment, signal, confirm, note } = options;
  const { url, apiBaseUrl, apiToken, accountId } = target;
  const wrangler = { env, cwd: ROOT, environment, apiBaseUrl, apiToken, accountId };
  const forward = createWranglerControlPlane({ ...wrangler, signal });
  return {
    forward,
    recovery: openRecovery({ ...wrangler, scriptName: worker, note }),
    checkedOut: () => readCheckedOut(ROOT),
    findCheckFailure,
    findAccessProblems: async (stop) => [
      ...(await findAccessProblems({ url, apiKeys: secrets.apiKeys, signal: stop })),
      ...(await findReceiverProblems({ env, apiBaseUrl, apiToken, accountId, signal: stop })),
    ],
    migrations: openMigrations(secrets.databaseUrl),
    measureStartup: () => forward.measureStartup(),
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
    metrics: options.metrics === null ? null : createMetricsSource(options.metrics),
    judge,
    waitForVersion: (wait) => waitForVersion({ ...wait, url, scriptName: worker }),
    clock: systemClock,
    today: () => new Date(),
  };
}

function openMigrations(postgresUrl: string): MigrationPort {
  return {
    pending: async () => (await readPendingMigrations({ postgresUrl })).pending,
    all: () => readMigrations(MIGRATIONS_FOLDER),
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
