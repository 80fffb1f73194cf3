import { describeError, type Logger } from "../../src/observability/logger.ts";
import type { DeliveryObserver, DeliveryReport } from "./services/delivery-service.ts";

/** A delivery that was given up, as the queue of dead letters has it; nothing of the event itself. */
export interface DeadLetter {
  readonly endpoint_id: string;
  readonly event_id: string;
  readonly event_type: string;
  readonly attempts: number;
  readonly last_status: number | null;
  readonly last_error: string;
}

/** The platform's queue, as far as it is used. */
export interface DeadLetterQueue {
  send(body: DeadLetter, options: { contentType: "json" }): Promise<unknown>;
}

/** Writes one event per attempt; what was given up goes to the queue of dead letters too. */
export function createDeliveryObserver(logger: Logger, deadLetters: DeadLetterQueue): DeliveryObserver {
  return {
    onDelivered: ({ status, ...delivery }) => logger.log("debug", "webhook_delivered", { ...name(delivery), status }),
    onFailed: (delivery, delayMs) =>
      logger.log("warn", "webhook_failed", { ...describe(delivery), delay_ms: Math.round(delayMs) }),
    async onDead(delivery) {
      logger.log("error", "webhook_dead", describe(delivery));
      // The row says it as well: a queue that takes nothing is no reason to try again.
      await deadLetters
        .send(toLetter(delivery), { contentType: "json" })
        .catch((error: unknown) => logger.log("error", "webhooks_queue_failed", { error: describeError(error) }));
    },
    onDisabled: (endpointId, reason) =>
      logger.log("error", "webhook_disabled", { endpoint_id: endpointId, disabled_reason: reason }),
  };
}

type Named = Pick<DeliveryReport, "endpointId" | "eventId" | "eventType" | "attempts">;

function name({ endpointId, eventId, eventType, attempts }: Named) {
  return { endpoint_id: endpointId, event_id: eventId, event_type: eventType, attempts };
}

function describe(delivery: DeliveryReport) {
  return { ...name(delivery), status: delivery.status, failure: delivery.error };
}

function toLetter(delivery: DeliveryReport): DeadLetter {
  return { ...name(delivery), last_status: delivery.status, last_error: delivery.error };
}
