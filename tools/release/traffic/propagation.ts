import { systemClock, type Clock } from "../measure/clock.ts";
import { describeCause } from "../measure/send-probe.ts";
import { overrideHeaders, VERSION_HEADER } from "../measure/version-override.ts";

export interface WaitForVersionOptions {
  /** Origin of the deployment. */
  readonly url: string;
  /** Name of the Worker in the override header. */
  readonly scriptName: string;
  /** The version that has to answer. */
  readonly versionId: string;
  /** Whether requests ask for that version by the override header. */
  readonly usesOverride: boolean;
  /**
   * Id of a version that was taken out of the deployment: requests ask for it, so that each of them tells whether the
   * new deployment is known where it arrives. Without it, a small share of the old one could stay unseen.
   */
  readonly takenOut?: string;
  /** How many answers in a row have to come from the version; by default 5. */
  readonly consecutive?: number;
  /** By default 60,000. */
  readonly timeoutMs?: number;
  readonly signal: AbortSignal;
  readonly fetch?: typeof fetch;
  readonly clock?: Clock;
}

/** The version did not answer in time; the message says what was seen and what to do. */
export class PropagationError extends Error {
  override readonly name = "PropagationError";
}

/** Answers may come from different machines of the network; one that is right says little. */
const CONSECUTIVE = 5;
/** Usually a deployment is known everywhere within seconds. */
const TIMEOUT_MS = 60_000;
const INTERVAL_MS = 200;
const REQUEST_TIMEOUT_MS = 5_000;

/**
 * Waits until the network serves what was deployed: `consecutive` answers in a row from the version. Never disturbs
 * anything: it asks for the health of the Worker only.
 * @throws PropagationError, or the signal's reason once it aborts
 */
export async function waitForVersion(options: WaitForVersionOptions): Promise<{ readonly waitedMs: number }> {
  const { versionId, consecutive = CONSECUTIVE, timeoutMs = TIMEOUT_MS, signal, clock = systemClock } = options;
  const startedAt = clock.now();
  let [inARow, asked, lastSeen] = [0, 0, "nothing"];
  for (;;) {
    signal.throwIfAborted();
    const answer = await askForVersion(options);
    signal.throwIfAborted();
    asked++;
    if (answer.versionId === versionId) {
      inARow++;
    } else {
      inARow = 0;
      lastSeen = answer.description;
    }
    const waitedMs = clock.now() - startedAt;
    if (inARow >= consecutive) return { waitedMs };
    if (waitedMs >= timeoutMs) throw new PropagationError(describe(options, { waitedMs, asked, lastSeen }));
    await clock.sleep(INTERVAL_MS, signal);
  }
}

interface SeenAnswer {
  /** Null when there was no answer, or one that names no version. */
  readonly versionId: string | null;
  readonly description: string;
}

async function askForVersion(options: WaitForVersionOptions): Promise<SeenAnswer> {
  const { url, scriptName, takenOut, usesOverride } = options;
  const asksFor = takenOut ?? (usesOverride ? options.versionId : null);
  try {
    const response = await (options.fetch ?? fetch)(new URL("/health", url), {
      headers: asksFor === null ? {} : overrideHeaders(scriptName, asksFor),
      redirect: "manual",
      signal: AbortSignal.any([options.signal, AbortSignal.timeout(REQUEST_TIMEOUT_MS)]),
    });
    await response.arrayBuffer();
    const versionId = response.headers.get(VERSION_HEADER);
    const from = versionId === null ? `without ${VERSION_HEADER}` : `from version ${versionId}`;
    return { versionId, description: `${response.status} ${from}` };
  } catch (error) {
    return { versionId: null, description: `no answer (${describeCause(error)})` };
  }
}

function describe(
  { versionId, url, usesOverride, consecutive = CONSECUTIVE }: WaitForVersionOptions,
  seen: { readonly waitedMs: number; readonly asked: number; readonly lastSeen: string },
): string {
  const advice = usesOverride
    ? "Check that the version is part of the live deployment, that it can answer /health, and that the Worker's name is right: an override that names another one is ignored."
    : "Check which deployment is live, and that this address leads to the Worker.";
  return `version ${versionId} did not give ${consecutive} answers in a row at ${url} within ${(seen.waitedMs / 1_000).toFixed(0)} s; of ${seen.asked} requests, the last other answer was: ${seen.lastSeen}. ${advice}`;
}
