import type { Binding } from "../../model.ts";
import type { Queues } from "../../queues/queues.ts";
import { refuse } from "../http/api-error.ts";

/**
 * A producer's binding leads to a queue that is there.
 * @throws ApiError 10412
 */
export function checkQueues(bindings: readonly Binding[], { findByName }: Pick<Queues, "findByName">): void {
  for (const { name, type, queue_name: queueName } of bindings) {
    if (type !== "queue" || findByName(String(queueName)) !== null) continue;
    throw refuse(400, "queueNotFound", `The binding ${name} leads to a queue that does not exist.`);
  }
}
