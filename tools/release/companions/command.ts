import { ROOT } from "../../process/run-script.ts";
import { readCheckedOut } from "../adapters/git.ts";
import { findCheckFailure } from "../adapters/project-checks.ts";
import type { VersionShare } from "../cloudflare/control-plane.ts";
import { openRecovery } from "../cloudflare/recovery.ts";
import { formatShares } from "../cloudflare/versions.ts";
import { readAppliedTag } from "../cloudflare/worker-reads.ts";
import { createWranglerControlPlane } from "../cloudflare/wrangler.ts";
import { readVerifiedCommit } from "../command/environment.ts";
import { type CommandSession, type PreparedCommand, runCommand } from "../command/run-command.ts";
import { systemClock } from "../measure/clock.ts";
import { waitForVersion } from "../traffic/propagation.ts";
import { readClassMigrations } from "./class-migrations.ts";
import {
  type Companion,
  describeCompanionWayOut,
  folderOf,
  type LookedAt,
  type Looks,
  workerNameOf,
} from "./companion.ts";
import { runCompanionRelease } from "./controller.ts";
import { describeCompanionEnding } from "./ending.ts";
import { companionHelp, type CompanionOptions, parseCompanionOptions } from "./options.ts";
import type { CompanionPorts } from "./ports.ts";
import { deployAtOnce, deployTriggers } from "./wrangler-deploys.ts";

/** `npm run release -- --worker …`. */
export async function runCompanionCommand(companion: Companion): Promise<void> {
  await runCommand({
    name: "release",
    help: companionHelp(companion),
    parse: parseCompanionOptions,
    prepare: (options) => prepare(companion, options),
    subject: { urlVariable: companion.urlVariable, workerOf: (env) => workerNameOf(companion, env) },
  });
}

interface LastKnown {
  readonly shares: readonly VersionShare[];
  readonly previous: string;
}

function prepare(companion: Companion, options: CompanionOptions): PreparedCommand {
  const openLooks = companion.prepareLooks(process.env);
  const verifiedCommit = readVerifiedCommit(process.env["RELEASE_VERIFIED_COMMIT"]);
  let lastKnown: LastKnown | null = null;
  return {
    question: `Release ${companion.name} to production?`,
    onInterrupt: "going to a safe state. A second Ctrl-C ends at once.",
    run: (session) =>
      runCompanionRelease({
        companion,
        plan: { ...session.subject, isDryRun: options.isDryRun, verifiedCommit },
        ports: createPorts(companion, options, session, openLooks),
        journal: session.journal,
        signal: session.signal,
        note: (text) => session.progress.note(text),
        onTraffic(shares, { previous }) {
          lastKnown = { shares, previous };
        },
      }),
    endAtOnce: () => describeEndAtOnce(companion, options.env, lastKnown),
    describeEnding: (report) => describeCompanionEnding(companion, report),
  };
}

/** Nothing is safe to say but what was known last. */
function describeEndAtOnce(
  companion: Companion,
  env: string,
  lastKnown: LastKnown | null,
): ReturnType<PreparedCommand["endAtOnce"]> {
  if (lastKnown === null)
    return { outcome: "interrupted", lines: ["Ended at once; no deployment is known to have changed."] };
  const { shares, previous } = lastKnown;
  return {
    outcome: "unverified",
    lines: [
      `Ended at once; last known to be live: ${formatShares(shares)}.`,
      ...describeCompanionWayOut(companion, { env, previousId: previous }),
    ],
  };
}

/** Composition root of a release of a companion. */
function createPorts(
  companion: Companion,
  { env }: CompanionOptions,
  { target, subject, progress, signal, confirm, clock, today }: CommandSession,
  openLooks: (at: LookedAt) => Looks,
): CompanionPorts {
  const { worker: scriptName, url } = subject;
  const { apiBaseUrl, apiToken, accountId } = target;
  const api = { apiBaseUrl, apiToken, accountId };
  const wrangler = { ...api, env, cwd: folderOf(companion), environment: process.env };
  const note = (text: string): void => progress.note(text);
  const forward = createWranglerControlPlane({ ...wrangler, signal });
  return {
    forward,
    recovery: openRecovery({ ...wrangler, scriptName, note }),
    checkedOut: () => readCheckedOut(ROOT),
    findCheckFailure,
    measureStartup: () => forward.measureStartup(),
    confirm,
    waitForVersion:
      companion.urlVariable === null
        ? null
        : (wait) => waitForVersion({ ...wait, url, scriptName, clock: systemClock }),
    clock,
    today,
    classMigrations: () => readClassMigrations(companion, env),
    appliedTag: (stop) => readAppliedTag({ ...api, scriptName, signal: stop }),
    deployAtOnce: (upload) => deployAtOnce({ ...wrangler, ...upload }),
    deployTriggers: companion.hasTriggers ? () => deployTriggers(wrangler) : null,
    looks: openLooks({ target: api, url, scriptName, clock: systemClock }),
  };
}
