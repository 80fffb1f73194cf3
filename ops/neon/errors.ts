/** Neon refused something, or did not do it; the message says what to do next and holds no secret. */
export class NeonError extends Error {
  override readonly name = "NeonError";
  /** HTTP status; 0 without an answer. */
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const ADVICE: Readonly<Record<number, string>> = {
  401: "NEON_API_KEY is not accepted. Make a key at console.neon.tech, Account settings, API keys, and export it",
  403: "The key may not do that. It needs to be one of the organisation, or of a member who may change the project",
  404: "Neon does not know it (any more); with a key of a person, NEON_ORG_ID has to name the organisation",
  423: "An operation of the project is still running. Run the command again in a minute: it goes on where it stopped",
  429: "Neon's limit of 700 requests a minute is reached. Run the command again in a minute: it goes on where it stopped",
};
const GENERAL_ADVICE = "Run the command again: it goes on where it stopped";
const PLAN_ADVICE =
  "If the plan does not allow it, change ops/desired-state.ts (isProtected, historyRetentionSeconds, compute) and run the command again";

/** The error for an answer that is no success. */
export function refusedBy(call: string, status: number, words: string): NeonError {
  const isOurs = status >= 400 && status < 500;
  const advice = ADVICE[status] ?? (isOurs ? PLAN_ADVICE : GENERAL_ADVICE);
  return new NeonError(status, `Neon answered ${call} with ${status}${words === "" ? "" : ` (${words})`}. ${advice}.`);
}

/** The error for a call without an answer. */
export function unanswered(call: string, reason: string): NeonError {
  return new NeonError(0, `Neon did not answer ${call}: ${reason}. ${GENERAL_ADVICE}.`);
}
