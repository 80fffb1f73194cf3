export interface LogSamplingOptions {
  /** Share of the traces that are kept, from 0 to 1. */
  readonly rate: number;
  /** Milliseconds from which on a request is slow. */
  readonly slowMs: number;
}

export const KEEP_ALL: LogSamplingOptions = { rate: 1, slowMs: 0 };

/** A refusal or a failure: what it answers names the request and its trace, so somebody will look for them. */
const FIRST_ERROR_STATUS = 400;

/** So many of the trace id's last hex digits decide: 52 bits, which a number holds exactly. */
const RANDOM_DIGITS = 13;
const RANDOM_VALUES = 16 ** RANDOM_DIGITS;

/**
 * Which requests are logged. Errors and slow requests always are; of the others a share, by the random part of the trace id
 * (https://www.w3.org/TR/trace-context-2/#random-trace-id-flag): whoever decides by it too keeps the same traces, whole.
 */
export class LogSampling {
  readonly #rate: number;
  readonly #slowMs: number;

  constructor({ rate, slowMs }: LogSamplingOptions) {
    this.#rate = rate;
    this.#slowMs = slowMs;
  }

  /** With which probability such a request is logged, when it is; 0 when it is not. Counts are sums of its inverse. */
  rateOf(traceId: string, status: number, durationMs: number): number {
    if (status >= FIRST_ERROR_STATUS || durationMs >= this.#slowMs) return 1;
    return this.keeps(traceId) ? this.#rate : 0;
  }

  /** Whether the requests of a trace are logged, whatever becomes of them. */
  keeps(traceId: string): boolean {
    if (this.#rate >= 1) return true;
    return Number.parseInt(traceId.slice(-RANDOM_DIGITS), 16) < this.#rate * RANDOM_VALUES;
  }
}
