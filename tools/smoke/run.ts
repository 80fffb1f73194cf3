import type { Check, CheckContext } from "./check.ts";
import { ACCESS_CHECKS } from "./checks/access.ts";
import { everyAnswerChecks } from "./checks/every-answer.ts";
import { CHECKS } from "./checks/index.ts";
import { createClient, NoAnswerError } from "./client.ts";
import { CheckFailure, CheckSkipped } from "./expectations.ts";
import type { SmokeOptions } from "./options.ts";
import type { Counts, SmokeReport } from "./report.ts";
import { createTestUsers, USERS } from "./test-users.ts";

/** How a run ended. `failures` names each failed check with what was expected and seen. */
export interface SmokeResult extends Counts {
  readonly outcome: "passed" | "failed" | "unreachable" | "credentials-missing" | "interrupted";
  readonly failures: readonly { readonly name: string; readonly problems: readonly string[] }[];
}

/**
 * Examines a deployment and removes what that left behind; never throws because of the deployment.
 * @param signal stops the run early; what was created is removed all the same
 */
export async function runSmoke(
  options: SmokeOptions,
  report: SmokeReport,
  signal: AbortSignal = new AbortController().signal,
): Promise<SmokeResult> {
  const tally = createTally(report);
  const client = createClient(options, signal);
  const context = { client, users: createTestUsers(client, options) };

  const access = await probeAccess(context, options, report);
  if (signal.aborted) return tally.result("interrupted");
  if (access !== "open" && access !== "protected") return tally.result(access);

  for (const check of selectChecks(access, options)) {
    if (signal.aborted) break;
    await tally.run(check, context, signal);
  }
  if (options.hasCleanup && !options.isReadOnly) await tally.run(cleanupCheck(options), context);
  return tally.result(signal.aborted ? "interrupted" : null);
}

/** Whoever gives a key says that the API is protected; an open one is then the worst of failures. */
function selectChecks(access: Access, options: SmokeOptions): readonly Check[] {
  const mustBeProtected = access === "protected" || options.apiKey !== null;
  const checks = [...CHECKS, ...(mustBeProtected ? ACCESS_CHECKS : []), ...everyAnswerChecks(options)];
  return options.isReadOnly ? checks.map((check) => (check.mayWrite === true ? leaveOut(check) : check)) : checks;
}

function leaveOut({ name }: Check): Check {
  return { name, run: () => Promise.reject(new CheckSkipped("it may write")) };
}

/** Has a client of its own: that of the checks may have been stopped. */
function cleanupCheck(options: SmokeOptions): Check {
  const cleaner = createClient(options, new AbortController().signal);
  return { name: "cleanup: the users of this run are removed", run: ({ users }) => users.remove(cleaner) };
}

type Access = "open" | "protected" | "credentials-missing" | "unreachable";

/** Asks without credentials: a refusal tells that the API wants some. */
async function probeAccess({ client }: CheckContext, options: SmokeOptions, report: SmokeReport): Promise<Access> {
  try {
    const { status } = await client.send("GET", `${USERS}?limit=1`, { isAnonymous: true });
    if (status !== 401) return "open";
    if (options.apiKey !== null || options.headers.some(([name]) => /^(authorization|x-api-key)$/i.test(name)))
      return "protected";
    report.note("The API asks for credentials: give --api-key, or set SMOKE_API_KEY.");
    return "credentials-missing";
  } catch (error) {
    if (!(error instanceof NoAnswerError)) throw error;
    report.note(error.message);
    return "unreachable";
  }
}

function createTally(report: SmokeReport) {
  let passed = 0;
  let skipped = 0;
  const failures: { name: string; problems: readonly string[] }[] = [];
  return {
    async run(check: Check, context: CheckContext, signal?: AbortSignal): Promise<void> {
      try {
        await check.run(context);
        passed++;
        report.passed(check.name);
      } catch (error) {
        if (signal?.aborted === true) return;
        if (error instanceof CheckSkipped) {
          skipped++;
          return report.skipped(check.name, error.message);
        }
        const problems = error instanceof CheckFailure ? error.problems : [`the check itself broke: ${String(error)}`];
        failures.push({ name: check.name, problems });
        report.failed(check.name, problems);
      }
    },
    result(outcome: SmokeResult["outcome"] | null): SmokeResult {
      const verdict = failures.length > 0 ? "failed" : "passed";
      return { outcome: outcome ?? verdict, passed, failed: failures.length, skipped, failures };
    },
  };
}
