/** What a call says of the system behind it: it answered (if only to refuse), it failed, or the call ended before either. */
export type CallOutcome = "answered" | "failed" | "undecided";

export interface CircuitBreakerOptions {
  /** Failures in a row that open the circuit. */
  readonly failureThreshold: number;
  /** Milliseconds that an open circuit refuses every call before it tries one. */
  readonly openMs: number;
  /** Calls that may run at the same time to find out whether the system is back. */
  readonly maxProbes: number;
  /** Milliseconds. */
  readonly clock: () => number;
  /** Told of each transition, after it. */
  readonly onTransition: (transition: CircuitTransition) => void;
}

export interface CircuitTransition {
  readonly from: CircuitState["kind"];
  readonly to: CircuitState["kind"];
}

/**
 * Closed: calls pass, and failures in a row are counted. Open: none passes. Half-open: a few pass as probes, and the first of
 * them to end decides. The platform may end an invocation, and its probe never does: then others are let through a while later.
 */
type CircuitState =
  | { readonly kind: "closed"; failures: number }
  | { readonly kind: "open"; readonly openedAt: number }
  | { readonly kind: "half-open"; probes: number; probedAt: number };

/** Names the state in which a call was let through; what it says later counts in that state only. */
export type CircuitPermit = CircuitState;

/** Stops calls to a system that is down, so that they fail at once and the system is left alone. The state is the isolate's. */
export class CircuitBreaker {
  readonly #options: CircuitBreakerOptions;
  #state: CircuitState = { kind: "closed", failures: 0 };

  constructor(options: CircuitBreakerOptions) {
    this.#options = options;
  }

  /** Whether a call would be let through now; takes no probe's place. */
  admits(): boolean {
    const state = this.#state;
    if (state.kind === "closed") return true;
    if (state.kind === "open") return this.#isDue(state.openedAt);
    return state.probes < this.#options.maxProbes || this.#isDue(state.probedAt);
  }

  /** Lets a call through, whose permit is to be settled when it has ended; null refuses it. */
  enter(): CircuitPermit | null {
    const state = this.#state;
    if (state.kind === "closed") return state;
    if (!this.admits()) return null;
    const probing = state.kind === "half-open" ? state : this.#change({ kind: "half-open", probes: 0, probedAt: 0 });
    if (probing.probes >= this.#options.maxProbes) probing.probes = 0;
    probing.probes += 1;
    probing.probedAt = this.#options.clock();
    return probing;
  }

  /** Counts how a call ended; one that was let through in an earlier state says nothing about this one. */
  settle(permit: CircuitPermit, outcome: CallOutcome): void {
    const state = this.#state;
    if (permit !== state) return;
    if (state.kind === "half-open") this.#decide(outcome);
    if (state.kind === "closed") this.#count(state, outcome);
  }

  /** A probe that no answer came to is no sign of life either. */
  #decide(outcome: CallOutcome): void {
    if (outcome === "answered") this.#change({ kind: "closed", failures: 0 });
    else this.#open();
  }

  #count(state: Extract<CircuitState, { kind: "closed" }>, outcome: CallOutcome): void {
    if (outcome === "answered") state.failures = 0;
    if (outcome === "failed") state.failures += 1;
    if (state.failures >= this.#options.failureThreshold) this.#open();
  }

  #open(): void {
    this.#change({ kind: "open", openedAt: this.#options.clock() });
  }

  #change<State extends CircuitState>(to: State): State {
    const from = this.#state;
    this.#state = to;
    this.#options.onTransition({ from: from.kind, to: to.kind });
    return to;
  }

  #isDue(since: number): boolean {
    return this.#options.clock() - since >= this.#options.openMs;
  }
}
