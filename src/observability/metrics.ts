import { BATCH_EXPIRES_MS, type BreakerState, type MetricsBatch, type MetricsSink } from "./metrics-batch.ts";
import { MetricsBuffer } from "./metrics-buffer.ts";
import { randomHex } from "./random-hex.ts";

/** What the platform keeps running after the answer. */
export interface Background {
  waitUntil(work: Promise<unknown>): void;
}

export interface MetricsOptions {
  readonly sink: MetricsSink;
  readonly version: MetricsBatch["version"];
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** Waits so many milliseconds. */
  readonly sleep: (milliseconds: number) => Promise<void>;
  /** Told why a batch was given up, or could not be delivered yet. */
  readonly onFailure: (reason: DeliveryFailure, error: unknown) => void;
}

/** `undelivered`: it will be tried again. `expired`, `refused`: its measurements are lost. */
export type DeliveryFailure = "undelivered" | "expired" | "refused";

/** Measurements wait so long for company; so many of them, at most, are lost with an isolate that ends at once. */
export const FLUSH_MS = 1_000;
/** With so many measurements a batch waits no longer. */
export const FLUSH_SIZE = 1_000;

/** One attempt; telemetry answers in some ten. */
const ATTEMPT_MS = 5_000;
/** Attempts before the next request has to bring it up again: together they stay within what `waitUntil` may take, 30 s. */
const ATTEMPTS = 3;
const RETRY_MS = 1_000;
/** After which work that was handed to the platform can no longer be under way. */
const BACKGROUND_MS = 30_000;
/** After failed attempts telemetry is left alone for as long. */
const REST_MS = 5_000;

/**
 * Delivers what an isolate measures, after answers and never before them. At most one batch is under way: telemetry that is
 * slow or down makes batches larger, not more. A batch whose fate is unknown is sent again with its id, so it counts once.
 */
export class Metrics {
  readonly buffer = new MetricsBuffer();
  readonly #options: MetricsOptions;
  /** Names the isolate; made when first needed, for global scope has no randomness. */
  #isolate = "";
  #breaker: BreakerState = "closed";
  /** Sent, and not known to have arrived. */
  #unacknowledged: MetricsBatch | null = null;
  /** Until then somebody waits who will send what is there. */
  #wakesAt = 0;
  /** Until then somebody is sending, unless it was ended by the platform. */
  #sendsUntil = 0;
  /** Until then telemetry is left alone. */
  #restsUntil = 0;

  constructor(options: MetricsOptions) {
    this.#options = options;
  }

  noteBreaker(from: BreakerState, to: BreakerState): void {
    this.#breaker = to;
    this.buffer.count("circuit_breaker_transitions_total", [from, to]);
  }

  /** Sees to it that what was measured is delivered. To be called for each request, after its measurements were added. */
  schedule(background: Background): void {
    const now = this.#options.clock();
    if (this.buffer.size >= FLUSH_SIZE && now >= this.#sendsUntil && now >= this.#restsUntil) {
      background.waitUntil(this.#send());
    } else if (now >= this.#wakesAt) {
      this.#wakesAt = now + FLUSH_MS;
      background.waitUntil(this.#sendLater());
    }
  }

  async #sendLater(): Promise<void> {
    const { clock, sleep } = this.#options;
    await sleep(FLUSH_MS);
    this.#wakesAt = 0;
    const now = clock();
    if (now >= this.#sendsUntil && now >= this.#restsUntil) await this.#send();
  }

  /** One batch after the other, until nothing is left that nobody waits for. Never fails. */
  async #send(): Promise<void> {
    const { clock } = this.#options;
    this.#sendsUntil = clock() + BACKGROUND_MS;
    let fate: DeliveryFailure | null;
    do {
      const batch = (this.#unacknowledged ??= this.#takeBatch());
      fate = await this.#deliver(batch);
      if (fate !== "undelivered") this.#unacknowledged = null;
      if (fate !== null) this.#restsUntil = clock() + REST_MS;
    } while (fate === null && this.buffer.size > 0 && this.#wakesAt === 0);
    this.#sendsUntil = 0;
  }

  /** Null when it has arrived. */
  async #deliver(batch: MetricsBatch): Promise<DeliveryFailure | null> {
    const { clock, sleep, sink, onFailure } = this.#options;
    if (clock() - batch.takenAt >= BATCH_EXPIRES_MS) return this.#giveUp(batch, "expired");
    let failure: unknown;
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      try {
        const outcome = await Promise.race([sink.record(batch), sleep(ATTEMPT_MS).then(() => "late" as const)]);
        if (outcome === "recorded" || outcome === "repeated") return null;
        if (outcome !== "late") return this.#giveUp(batch, outcome === "stale" ? "expired" : "refused");
      } catch (error) {
        failure = error;
      }
      if (attempt < ATTEMPTS) await sleep(RETRY_MS);
    }
    onFailure("undelivered", failure);
    return "undelivered";
  }

  #giveUp(batch: MetricsBatch, reason: "expired" | "refused"): DeliveryFailure {
    const lost = [...batch.requests, ...batch.statements].flatMap(({ buckets }) => buckets);
    const total = lost.reduce((sum, count) => sum + count, batch.counters.length);
    this.buffer.count("telemetry_lost_measurements_total", [reason], total);
    this.#options.onFailure(reason, null);
    return reason;
  }

  #takeBatch(): MetricsBatch {
    const { clock, version } = this.#options;
    if (this.#isolate === "") this.#isolate = randomHex(16);
    const identity = { id: randomHex(32), isolate: this.#isolate, takenAt: clock(), version };
    return { ...identity, ...this.buffer.take(), breaker: this.#breaker };
  }
}
