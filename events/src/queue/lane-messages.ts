import type { Lane, LaneMessage } from "../models/delivery.ts";

/** The platform's queue, as far as it is used. */
export interface LaneQueue {
  send(body: LaneMessage, options: { contentType: "json"; delaySeconds: number }): Promise<unknown>;
  sendBatch(messages: { body: LaneMessage; contentType: "json" }[]): Promise<unknown>;
}

/** As many messages as the queue takes at once. */
const MAX_BATCH = 100;

export async function sendLanes(queue: LaneQueue, lanes: readonly Lane[]): Promise<void> {
  for (let start = 0; start < lanes.length; start += MAX_BATCH) {
    const batch = lanes.slice(start, start + MAX_BATCH);
    await queue.sendBatch(batch.map((lane) => ({ body: toMessage(lane), contentType: "json" })));
  }
}

/** The queue counts in whole seconds. */
export async function sendLaneLater(queue: LaneQueue, lane: Lane, delayMs: number): Promise<void> {
  await queue.send(toMessage(lane), { contentType: "json", delaySeconds: Math.ceil(delayMs / 1_000) });
}

function toMessage({ endpointId, subjectId }: Lane): LaneMessage {
  return { endpoint_id: endpointId, subject_id: subjectId };
}

/** Null for what is no lane: another version may have put it there. */
export function readLane(body: unknown): Lane | null {
  if (typeof body !== "object" || body === null) return null;
  const { endpoint_id: endpointId, subject_id: subjectId } = body as Readonly<Record<string, unknown>>;
  return isUuid(endpointId) && isUuid(subjectId) ? { endpointId, subjectId } : null;
}

function isUuid(value: unknown): value is string {
  return typeof value === "string" && /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(value);
}
