import { UsageError } from "../../command/usage-error.ts";
import { ROOT } from "../../process/run-script.ts";
import { telemetryWorker } from "../../telemetry/bind/binding.ts";
import { readCheckedOut } from "../adapters/git.ts";
import { findCheckFailure } from "../adapters/project-checks.ts";
import type { VersionShare } from "../cloudflare/control-plane.ts";
import { openRecovery } from "../cloudflare/recovery.ts";
import { formatShares } from "../cloudflare/versions.ts";
import { createWranglerControlPlane } from "../cloudflare/wrangler.ts";
import { readVerifiedCommit, type ReleaseTarget } from "../command/environment.ts";
import { type Command, type CommandSession, type PreparedCommand, runCommand } from "../command/run-command.ts";
import { systemClock } from "../measure/clock.ts";
import { waitForVersion } from "../traffic/propagation.ts";
import { readClassMigrations, TELEMETRY_FOLDER } from "./class-migrations.ts";
import { readAppliedTag } from "./cloudflare-reads.ts";
import { runTelemetryRelease } from "./controller.ts";
import { deployMigrated } from "./deploy-migrated.ts";
import { describeTelemetryEnding, describeTelemetryWayOut } from "./ending.ts";
import { HELP, parseTelemetryOptions, type TelemetryReleaseOptions } from "./options.ts";
import type { TelemetryPorts } from "./ports.ts";

const COMMAND: Command<TelemetryReleaseOptions> = {
  name: "release",
  help: HELP,
  parse: parseTelemetryOptions,
  prepare,
  subject: { urlVariable: "TELEMETRY_URL", workerOf: telemetryWorker },
};

/** `npm run release -- --worker telemetry`. */
export async function runTelemetryCommand(): Promise<void> {
  await runCommand(COMMAND);
}

function prepare(options: TelemetryReleaseOptions): PreparedCommand {
  const token = readToken(process.env["METRICS_TOKEN"]);
  const verifiedCommit = readVerifiedCommit(process.env["RELEASE_VERIFIED_COMMIT"]);
  const { env } = options;
  let lastKnown: readonly VersionShare[] | null = null;
  return {
    question: "Release telemetry to production?",
    onInterrupt: "going to a safe state. A second Ctrl-C ends at once.",
    run: (session) =>
      runTelemetryRelease({
        plan: { ...session.subject, isDryRun: options.isDryRun, verifiedCommit },
        ports: createPorts(options, session, token),
        journal: session.journal,
        signal: session.signal,
        note: (text) => session.progress.note(text),
        onTraffic(shares) {
          lastKnown = shares;
        },
      }),
    endAtOnce: () =>
      lastKnown === null
        ? { outcome: "interrupted", lines: ["Ended at once; no deployment is known to have changed."] }
        : {
            outcome: "unverified",
            lines: [
              `Ended at once; last known to be live: ${formatShares(lastKnown)}.`,
              ...describeTelemetryWayOut(env),
            ],
          },
    describeEnding: describeTelemetryEnding,
  };
}

/** Composition root of a release of telemetry. */
function createPorts(
  { env }: TelemetryReleaseOptions,
  { target, subject, progress, signal, confirm, clock, today }: CommandSession,
  token: string,
): TelemetryPorts {
  const { worker: scriptName, url } = subject;
  const wrangler = { ...apiOf(target), env, cwd: TELEMETRY_FOLDER, environment: process.env };
  const note = (text: string): void => progress.note(text);
  const forward = createWranglerControlPlane({ ...wrangler, signal });
  return {
    forward,
    recovery: openRecovery({ ...wrangler, scriptName, note }),
    checkedOut: () => readCheckedOut(ROOT),
    findCheckFailure,
    measureStartup: () => forward.measureStartup(),
    confirm,
    waitForVersion: (wait) => waitForVersion({ ...wait, url, scriptName, clock: systemClock }),
    clock,
    today,
    classMigrations: () => readClassMigrations(env),
    appliedTag: (stop) => readAppliedTag({ ...apiOf(target), scriptName, signal: stop }),
    deployMigrated: (upload) => deployMigrated({ ...wrangler, ...upload }),
    metrics: { url, token, scriptName },
  };
}

function apiOf({ apiBaseUrl, apiToken, accountId }: ReleaseTarget) {
  return { apiBaseUrl, apiToken, accountId };
}

function readToken(text = ""): string {
  if (/^[\x21-\x7e]+$/.test(text)) return text;
  throw new UsageError(
    text === ""
      ? "Missing in the environment: METRICS_TOKEN. See --help."
      : "METRICS_TOKEN must be visible ASCII characters.",
  );
}
