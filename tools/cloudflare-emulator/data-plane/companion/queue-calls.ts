import type { IncomingMessage, ServerResponse } from "node:http";
import { buffer } from "node:stream/consumers";

import { z } from "zod";

import type { Broker } from "../../queues/broker.ts";
import { CONTENT_TYPES, type NewMessage } from "../../queues/message.ts";

/** Cloudflare's limits. */
const MAX_MESSAGE_BYTES = 128_000;
const MAX_BATCH_MESSAGES = 100;
const MAX_BATCH_BYTES = 256_000;
const MAX_DELAY_S = 86_400;

/** What the runtime's queue bindings call things. */
const ERROR_CAUSE = "cf-queues-error-cause";

const contentTypeSchema = z.enum(CONTENT_TYPES).default("v8");
const delaySchema = z.coerce.number().int().min(0).max(MAX_DELAY_S).nullable();
const batchSchema = z.object({
  messages: z
    .array(
      z.object({
        contentType: contentTypeSchema,
        delaySecs: delaySchema.default(null),
        body: z.base64().transform((text) => Buffer.from(text, "base64")),
      }),
    )
    .max(MAX_BATCH_MESSAGES, `a batch may have ${MAX_BATCH_MESSAGES} messages`),
});

/** Answers what a Worker does with a queue: send, sendBatch and metrics, in the runtime's own terms. */
export async function answerQueue(request: IncomingMessage, response: ServerResponse, broker: Broker): Promise<void> {
  const queueName = String(request.headers["x-emulator-queue"]);
  try {
    if (request.method === "POST") await send(request, queueName, broker);
    const { count, bytes, oldest } = broker.backlog(queueName);
    const metrics = { backlogCount: count, backlogBytes: bytes, oldestMessageTimestamp: oldest?.getTime() ?? 0 };
    response.writeHead(200, { "Content-Type": "application/json" });
    response.end(JSON.stringify(request.method === "POST" ? { metadata: { metrics } } : metrics));
  } catch (error) {
    const cause = error instanceof z.ZodError ? z.prettifyError(error) : String(error);
    response.writeHead(400, { [ERROR_CAUSE]: cause.replaceAll(/[^ -~]+/g, " ") }).end();
  }
}

/** @throws Error in words for the producer */
async function send(request: IncomingMessage, queueName: string, broker: Broker): Promise<void> {
  const body = await buffer(request);
  const isBatch = request.url?.endsWith("/batch") === true;
  const messages = isBatch ? readBatch(body) : [readMessage(request, body)];
  for (const message of messages) checkSize(message.body.length, MAX_MESSAGE_BYTES, "a message");
  checkSize(
    messages.reduce((sum, message) => sum + message.body.length, 0),
    MAX_BATCH_BYTES,
    "a batch",
  );
  // The delay of a batch is for those of its messages that say nothing; so is the binding's own.
  const usualDelayS =
    (isBatch ? readDelay(request, "x-msg-delay-secs") : null) ?? readDelay(request, "x-emulator-delay");
  if (!broker.send(queueName, messages, usualDelayS)) throw new Error(`there is no queue named ${queueName}`);
}

function readBatch(body: Buffer): readonly NewMessage[] {
  const { messages } = batchSchema.parse(JSON.parse(body.toString()));
  return messages.map(({ delaySecs, ...message }) => ({ ...message, delayS: delaySecs }));
}

function readMessage(request: IncomingMessage, body: Buffer): NewMessage {
  const contentType = contentTypeSchema.parse(request.headers["x-msg-fmt"]);
  return { contentType, body, delayS: readDelay(request, "x-msg-delay-secs") };
}

function readDelay(request: IncomingMessage, header: string): number | null {
  return delaySchema.parse(request.headers[header] ?? null);
}

function checkSize(bytes: number, most: number, what: string): void {
  if (bytes > most) throw new Error(`${what} may have ${most} bytes, this one has ${bytes}`);
}
