import { z } from "zod";

import { type Consumer, consumerSettingsSchema, type Queue, queueSettingsSchema } from "../../queues/queues.ts";
import { type Context, findScript } from "../context.ts";
import { badRequest, refuse } from "../http/api-error.ts";
import { readJson } from "../http/body.ts";
import { type ApiAnswer, type RoutedCall, type Route, wholeList } from "../http/router.ts";

const QUEUES = "/accounts/:account/queues";
const QUEUE = `${QUEUES}/:queue`;
const CONSUMERS = `${QUEUE}/consumers`;
const CONSUMER = `${CONSUMERS}/:consumer`;

/** As Cloudflare has it for names of queues. */
const NAME = /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/;
/** The only one that a service has; wrangler looks for it. */
const ENVIRONMENT = "production";

const newQueueSchema = z.looseObject({
  queue_name: z.string().regex(NAME, "1 to 63 letters, digits and hyphens"),
  settings: queueSettingsSchema.default({}),
});
const changesSchema = z.looseObject({ settings: queueSettingsSchema });
const consumerSchema = z.looseObject({
  type: z.literal("worker", "The emulator has consumers of type worker only"),
  script_name: z.string().min(1),
  dead_letter_queue: z.string().nullish(),
  settings: consumerSettingsSchema.default({}),
});

/** Queues and who consumes them, as `wrangler queues` and deployments ask for them. */
export const queueRoutes: readonly Route[] = [
  { method: "GET", pattern: QUEUES, handle: listQueues },
  { method: "POST", pattern: QUEUES, handle: createQueue },
  { method: "GET", pattern: QUEUE, handle: (call, context) => ({ result: viewQueue(find(call, context), context) }) },
  { method: "PATCH", pattern: QUEUE, handle: changeQueue },
  { method: "DELETE", pattern: QUEUE, handle: deleteQueue },
  { method: "GET", pattern: CONSUMERS, handle: listConsumers },
  { method: "POST", pattern: CONSUMERS, handle: createConsumer },
  { method: "PUT", pattern: CONSUMER, handle: changeConsumer },
  { method: "DELETE", pattern: CONSUMER, handle: deleteConsumer },
];

/** Those that `?name=` names, which may come several times, or all; on the first page, which is the only one. */
function listQueues({ query }: RoutedCall, context: Context): ApiAnswer {
  const names = query.getAll("name");
  const isAsked = ({ name }: Queue): boolean => names.length === 0 || names.includes(name);
  const asked = context.queues.list().filter(isAsked);
  return wholeList(Number(query.get("page") ?? 1) > 1 ? [] : asked.map((queue) => viewQueue(queue, context)));
}

async function createQueue(call: RoutedCall, context: Context): Promise<ApiAnswer> {
  const { queue_name: name, settings } = readJson(newQueueSchema, call.body);
  if (context.queues.findByName(name) !== null) {
    const message = `Queue name '${name}' is already taken. Please use a different name and try again.`;
    throw refuse(409, "queueExists", message);
  }
  const queue = { id: newId(context), name, createdOn: context.now().toISOString(), settings, consumer: null };
  await context.queues.save(queue);
  return { result: viewQueue(queue, context) };
}

async function changeQueue(call: RoutedCall, context: Context): Promise<ApiAnswer> {
  const queue = find(call, context);
  const changed = { ...queue, settings: { ...queue.settings, ...readJson(changesSchema, call.body).settings } };
  await context.queues.save(changed);
  return { result: viewQueue(changed, context) };
}

async function deleteQueue(call: RoutedCall, context: Context): Promise<ApiAnswer> {
  await context.queues.remove(find(call, context).id);
  return { result: null };
}

function listConsumers(call: RoutedCall, context: Context): ApiAnswer {
  return wholeList(viewConsumers(find(call, context)));
}

async function createConsumer(call: RoutedCall, context: Context): Promise<ApiAnswer> {
  const queue = find(call, context);
  if (queue.consumer !== null) throw refuse(400, "consumerExists", `Queue '${queue.name}' already has a consumer.`);
  return await saveConsumer(call, context, queue, newId(context));
}

async function changeConsumer(call: RoutedCall, context: Context): Promise<ApiAnswer> {
  const { queue, consumer } = findConsumer(call, context);
  return await saveConsumer(call, context, queue, consumer.id);
}

async function saveConsumer(call: RoutedCall, context: Context, queue: Queue, id: string): Promise<ApiAnswer> {
  const body = readJson(consumerSchema, call.body);
  const { script_name: script, dead_letter_queue: deadLetterQueue = null, settings } = body;
  findScript(context, script);
  if (deadLetterQueue === queue.name) throw badRequest("A queue cannot be its own queue of dead letters.");
  const changed = { ...queue, consumer: { id, script, deadLetterQueue, settings } };
  await context.queues.save(changed);
  return { result: viewConsumers(changed)[0] };
}

async function deleteConsumer(call: RoutedCall, context: Context): Promise<ApiAnswer> {
  await context.queues.save({ ...findConsumer(call, context).queue, consumer: null });
  return { result: null };
}

/** @throws ApiError 10412 */
function find(call: RoutedCall, { queues }: Context): Queue {
  const queue = queues.find(call.param("queue"));
  if (queue === null) throw refuse(404, "queueNotFound", "There is no such queue.");
  return queue;
}

/** @throws ApiError 10412 */
function findConsumer(call: RoutedCall, context: Context): { queue: Queue; consumer: Consumer } {
  const queue = find(call, context);
  const { consumer } = queue;
  if (consumer?.id !== call.param("consumer")) throw refuse(404, "queueNotFound", "The queue has no such consumer.");
  return { queue, consumer };
}

function viewQueue(queue: Queue, { store }: Context) {
  const consumers = viewConsumers(queue);
  const producers = store
    .list()
    .filter(({ versions }) =>
      versions.at(-1)?.bindings.some(({ type, queue_name: name }) => type === "queue" && name === queue.name),
    )
    .map(({ name }) => ({ type: "worker", script: name, service: name, environment: ENVIRONMENT }));
  return {
    queue_id: queue.id,
    queue_name: queue.name,
    created_on: queue.createdOn,
    modified_on: queue.createdOn,
    settings: queue.settings,
    producers,
    producers_total_count: producers.length,
    consumers,
    consumers_total_count: consumers.length,
  };
}

function viewConsumers({ name, consumer }: Queue) {
  if (consumer === null) return [];
  const { id, script, deadLetterQueue, settings } = consumer;
  return [
    {
      consumer_id: id,
      type: "worker",
      queue_name: name,
      script,
      service: script,
      environment: ENVIRONMENT,
      settings,
      ...(deadLetterQueue === null ? {} : { dead_letter_queue: deadLetterQueue }),
    },
  ];
}

const newId = (context: Context): string => context.newId().replaceAll("-", "");
