import type { CallContext } from "../../../src/models/call-context.ts";
import type { DeliveryFailure, DisabledReason } from "../../../src/models/webhook.ts";

/** What is sent one after the other: the events of one user to one endpoint. */
export interface Lane {
  readonly endpointId: string;
  readonly subjectId: string;
}

/** What a lane is in the queue: a nudge to look at it, which has nothing of an event in it. */
export interface LaneMessage {
  readonly endpoint_id: string;
  readonly subject_id: string;
}

/** The right to work on one delivery, the head of its lane: until it lapses, or somebody else is given a newer one. */
export interface Claim extends Lane {
  readonly eventId: string;
  /** Grows with each claim on the delivery. */
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

export interface QueueLimits {
  /** Lanes at most of one endpoint; of those that keep failing one. */
  readonly perEndpoint: number;
  /** Lanes of one endpoint at most about which there is a message, or on which somebody works. */
  readonly out: number;
  /** So many failures in a row, and an endpoint is one that keeps failing. */
  readonly failures: number;
  /** How long a message may take to come before the lane is queued again. */
  readonly leaseMs: number;
}

/**
 * Which events are still to be sent where. Each method is one atomic statement, hence one round trip; all times are those of
 * the database. All may fail as those of `UserRepository` do.
 */
export interface DeliveryRepository {
  /** Makes deliveries of so many new events at most, in their order, one for each enabled endpoint that wants them. */
  fanOut(events: number, context: CallContext): Promise<FanOut>;
  /** Notes of lanes that are due that there is a message about each. None is while another message is expected, or somebody works on it. */
  queueDue(limits: QueueLimits, context: CallContext): Promise<readonly Lane[]>;
  /** Claims the head of a lane; null when it is not due, somebody else is at it, or there is none. Messages may come late or twice. */
  take(lane: Lane, leaseMs: number, context: CallContext): Promise<Work | null>;
  /** Notes a success, whoever has the claim by now, and claims the next of the lane, if wanted; null when there is none, or
   * somebody else is at it. */
  succeed(work: Claim, status: number, next: NextWork, context: CallContext): Promise<Work | null>;
  /** Notes a failure; null when the claim was lost, and nothing was noted. */
  fail(work: Claim, failure: Failure, consequence: Consequence, context: CallContext): Promise<Failed | null>;
  /** Removes deliveries that are as old, unless they may still be made, and lanes in which nothing is pending; gives how many deliveries. */
  sweep(ageMs: number, context: CallContext): Promise<number>;
}

export interface NextWork {
  readonly isWanted: boolean;
  readonly leaseMs: number;
}
