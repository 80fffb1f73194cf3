import type { ProbeRequest } from "./probe-requests.ts";
import type { Outcome } from "./send-probe.ts";
import type { SentRequest, Tally } from "./tally.ts";

/** One of the two versions that are compared. */
export interface Side {
  readonly tally: Tally;
  /** Sends a request to this version. */
  send(request: ProbeRequest): Promise<Outcome>;
}

export interface PairOptions {
  /** In the order in which they are asked. */
  readonly sides: readonly [Side, Side];
  /** Resolves when the second version's turn has come; false when it shall not be asked any more. */
  readonly waitForTurn: () => Promise<boolean>;
  /** Told of every outcome. */
  readonly onOutcome: (side: Side, outcome: Outcome) => void;
  /** Told of a user who exists no longer. */
  readonly onDeleted: () => void;
}

/** Asks both versions the same thing, one shortly after the other, so that noise of the machine and the data hits both alike. */
export async function probePair(request: ProbeRequest, options: PairOptions): Promise<void> {
  const [first, second] = options.sides;
  const ask = async (side: Side): Promise<Asked> => {
    const sent = side.tally.sent(request.route);
    const outcome = await side.send(request);
    record(sent, request, outcome);
    options.onOutcome(side, outcome);
    return { side, sent, outcome };
  };
  const firstAsked = ask(first);
  const secondAsked = (await options.waitForTurn()) ? [ask(second)] : [];
  await resolveMissing(request, await Promise.all([firstAsked, ...secondAsked]), options.onDeleted);
}

function record(sent: SentRequest, { route }: ProbeRequest, outcome: Outcome): void {
  if (outcome.kind === "success") sent.succeeded(outcome.latencyMs);
  else if (outcome.kind === "failure") sent.failed(`GET ${route}: ${outcome.problem}`, outcome.requestId);
  else if (outcome.kind === "misrouted") sent.misrouted(outcome.answeredBy);
  else sent.ignored();
}

interface Asked {
  readonly side: Side;
  readonly sent: SentRequest;
  readonly outcome: Outcome;
}

/**
 * A user that one version finds and the other does not may have been deleted in between. Asked once more, the version
 * that found it tells: if it still does, the other was wrong. A user that both miss is gone, which is nobody's fault.
 */
async function resolveMissing(request: ProbeRequest, asked: readonly Asked[], onDeleted: () => void): Promise<void> {
  const missing = asked.find(({ outcome }) => outcome.kind === "missing");
  if (missing === undefined) return;
  const finder = asked.find(({ outcome }) => outcome.kind === "success");
  const again = finder === undefined ? null : await finder.side.send(request);
  if (again?.kind === "success" && missing.outcome.kind === "missing") {
    const problem = `GET ${request.route}: answered 404 for a user that the other version finds`;
    missing.sent.failed(problem, missing.outcome.requestId);
  } else {
    onDeleted();
  }
}
