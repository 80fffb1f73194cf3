import type { CallContext } from "../../../src/models/call-context.ts";
import type { DisabledReason } from "../../../src/models/webhook.ts";
import type { Refusal, SendEvent } from "../delivery/send-event.ts";
import type { SignEvent } from "../delivery/sign.ts";
import type { DeliveryRepository, Failure, Lane, Work } from "../models/delivery.ts";
import type { Backoff } from "./backoff.ts";

/** What happened to one delivery, for the log and for those who look after it. */
export interface DeliveryReport extends Failure {
  readonly endpointId: string;
  readonly eventId: string;
  readonly eventType: string;
  /** With this one. */
  readonly attempts: number;
}

export interface DeliveryObserver {
  readonly onDelivered: (delivery: Omit<DeliveryReport, "error">) => void;
  /** It will be tried again after so many milliseconds. */
  readonly onFailed: (delivery: DeliveryReport, delayMs: number) => void;
  /** It will not. */
  readonly onDead: (delivery: DeliveryReport) => Promise<void>;
  readonly onDisabled: (endpointId: string, reason: DisabledReason) => void;
}

export interface DeliveryServiceOptions {
  readonly deliveries: Pick<DeliveryRepository, "take" | "succeed" | "fail">;
  readonly send: SendEvent;
  readonly sign: SignEvent;
  /** Puts a lane into the queue, from which it comes back after so many milliseconds at the soonest. */
  readonly enqueueLater: (lane: Lane, delayMs: number) => Promise<void>;
  readonly backoff: Backoff;
  /** How long the work on one delivery may take before somebody else may begin. */
  readonly workLeaseMs: number;
  /** How long a message may wait in the queue before another one is sent. */
  readonly queueLeaseMs: number;
  readonly disableAfterMs: number;
  readonly now: () => Date;
  readonly startCall: (id: string) => CallContext;
  readonly observer: DeliveryObserver;
}

/** What one message may lead to, so that it ends in time; what is left then is queued again. */
const MAX_EVENTS_PER_MESSAGE = 50;
const MAX_MESSAGE_MS = 60_000;

/** The receiver does not want any more (RFC 9110 section 15.5.11). */
const GONE = 410;

export interface DeliveryService {
  /** Works on the events of a lane, one after the other, until one fails. Rejects when what has happened cannot be noted: it is
   * then done again. */
  deliver(lane: Lane): Promise<void>;
}

export function createDeliveryService(options: DeliveryServiceOptions): DeliveryService {
  const { deliveries, send, sign, workLeaseMs, now, startCall, observer } = options;
  const settleFailure = createFailureHandler(options);

  /** Gives the work that follows. */
  const attempt = async (work: Work, isNextWanted: boolean): Promise<Work | null> => {
    const { endpointId, eventId, eventType, url, secrets, body } = work;
    if (body === null) return await settleFailure(work, { status: null, error: "event-expired" });
    const headers = await sign({ id: eventId, sentAt: now(), secrets, body });
    const result = await send(url, headers, body);
    if (result.error !== null) return await settleFailure(work, result);
    const next = { isWanted: isNextWanted, leaseMs: workLeaseMs };
    const following = await deliveries.succeed(work, result.status, next, startCall(eventId));
    observer.onDelivered({ endpointId, eventId, eventType, attempts: work.attempts + 1, status: result.status });
    return following;
  };

  return {
    async deliver(lane) {
      const startedAt = now().getTime();
      let work = await deliveries.take(lane, workLeaseMs, startCall(lane.subjectId));
      for (let events = 1; work !== null; events++) {
        const isNextWanted = events < MAX_EVENTS_PER_MESSAGE && now().getTime() - startedAt < MAX_MESSAGE_MS;
        work = await attempt(work, isNextWanted);
      }
    },
  };
}

/** Notes a failure and what follows from it; there never is work that follows. */
function createFailureHandler(options: DeliveryServiceOptions) {
  const { deliveries, enqueueLater, backoff, queueLeaseMs: leaseMs, disableAfterMs, startCall, observer } = options;
  return async (work: Work, { status, error, retryAfterMs }: Refusal): Promise<null> => {
    const failure: Failure = { status, error };
    const { endpointId, subjectId, eventId, eventType } = work;
    const report = { endpointId, eventId, eventType, attempts: work.attempts + 1, ...failure };
    const isEndpointsFault = failure.error !== "event-expired";
    const isGone = failure.status === GONE;
    const delayMs = isGone ? 0 : isEndpointsFault ? backoff(report.attempts, retryAfterMs) : null;
    const blame = { isEndpointsFault, isGone, disableAfterMs };
    const failed = await deliveries.fail(work, failure, { delayMs, leaseMs, ...blame }, startCall(eventId));
    if (failed === null) return null;
    if (failed.disabled !== null) observer.onDisabled(endpointId, failed.disabled);
    if (delayMs === null) {
      await observer.onDead(report);
      return null;
    }
    observer.onFailed(report, delayMs);
    if (failed.disabled === null) await enqueueLater({ endpointId, subjectId }, delayMs);
    return null;
  };
}
