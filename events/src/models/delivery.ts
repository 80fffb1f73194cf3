import type { CallContext } from "../../../src/models/call-context.ts";
import type { DeliveryFailure, DisabledReason } from "../../../src/models/webhook.ts";

/** The right to work on one delivery, the head of its lane: until it lapses, or somebody else is given a newer one. */
export interface Claim {
  readonly endpointId: string;
  readonly eventId: string;
  /** Grows with each claim on the delivery. */
  readonly token: number;
}

/** What a claim is sent as in the queue: a nudge, which has nothing of the event in it. */
export interface ClaimMessage {
  readonly endpoint_id: string;
  readonly event_id: string;
  readonly token: number;
}

/** A delivery that somebody has begun to work on. */
export interface Work extends Claim {
  readonly eventType: string;
  /** How often it has been tried before. */
  readonly attempts: number;
  readonly url: string;
  /** All that sign it: one, or two while the endpoint changes its secret. */
  readonly secrets: readonly string[];
  /** The event as JSON; null when it has been removed because of its age. */
  readonly body: string | null;
}

/** How an attempt went wrong. */
export interface Failure {
  /** HTTP status of the answer; null when there was none. */
  readonly status: number | null;
  readonly error: DeliveryFailure;
}

/** What follows from a failure. */
export interface Consequence {
  /** When it is tried again, in milliseconds from now; null gives it up. */
  readonly delayMs: number | null;
  /** Whether the endpoint is to blame. */
  readonly isEndpointsFault: boolean;
  /** Whether it does not want anything any more. */
  readonly isGone: boolean;
  /** How long an endpoint may fail without a success before it is disabled. */
  readonly disableAfterMs: number;
  /** How long a message about it may take to come, beyond its delay. */
  readonly leaseMs: number;
}

/** What a failure has led to. */
export interface Failed {
  /** For the message that brings it up again. */
  readonly token: number;
  /** Why the endpoint has been disabled just now; null when it has not. */
  readonly disabled: DisabledReason | null;
}

/** What has become of new events. */
export interface FanOut {
  /** Events that were looked at. */
  readonly events: number;
  /** Deliveries that were made of them. */
  readonly deliveries: number;
  /** Whether there are events that cannot be looked at yet, because a transaction under way may still write before them. */
  readonly isBehind: boolean;
  /** Whether events were removed because of their age before they were looked at. */
  readonly hasMissed: boolean;
}

export interface ClaimLimits {
  /** Claims at most for one endpoint; those that keep failing get one. */
  readonly perEndpoint: number;
  /** So many failures in a row, and an endpoint is one that keeps failing. */
  readonly failures: number;
  readonly leaseMs: number;
}

/**
 * Which events are still to be sent where. Each method is one atomic statement, hence one round trip; all times are those of
 * the database. All may fail as those of `UserRepository` do.
 */
export interface DeliveryRepository {
  /** Makes deliveries of so many new events at most, in their order, one for each enabled endpoint that wants them. */
  fanOut(events: number, context: CallContext): Promise<FanOut>;
  /** Claims heads of lanes that are due and that nobody works on. */
  claim(limits: ClaimLimits, context: CallContext): Promise<readonly Claim[]>;
  /** Begins to work on a claim; null when it has lapsed, or there is nothing to do. The work has a newer token. */
  take(claim: Claim, leaseMs: number, context: CallContext): Promise<Work | null>;
  /** Notes a success, whoever has the claim by now, and begins to work on the next of the lane, if wanted; null when there is
   * none, or somebody else is at it. */
  succeed(work: Claim, status: number, next: NextWork, context: CallContext): Promise<Work | null>;
  /** Notes a failure; null when the claim was lost, and nothing was noted. */
  fail(work: Claim, failure: Failure, consequence: Consequence, context: CallContext): Promise<Failed | null>;
  /** Removes deliveries that are as old, unless they may still be made; gives how many. */
  sweep(ageMs: number, context: CallContext): Promise<number>;
}

export interface NextWork {
  readonly isWanted: boolean;
  readonly leaseMs: number;
}
