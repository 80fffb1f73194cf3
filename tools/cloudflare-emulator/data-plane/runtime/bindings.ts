import { fileURLToPath } from "node:url";

import { type V4ServiceDesignator, type V4WorkerOptions } from "miniflare";
import { z } from "zod";

import { type Binding, StartupError, type Version } from "../../model.ts";

/** Name of the Worker that runs beside a version and stands in for Cloudflare's services. */
export const COMPANION = "emulator-companion";

/** What a Worker's bindings are to Miniflare. */
export interface BindingOptions {
  /** Plain values. */
  readonly bindings: Readonly<Record<string, Json>>;
  readonly serviceBindings: Readonly<Record<string, V4ServiceDesignator>>;
  /** Bindings that Miniflare has no option for. */
  readonly unsafeBindings: NonNullable<V4WorkerOptions["unsafeBindings"]>;
  /** Name of the binding to the static assets. */
  readonly assetsBinding: string | null;
}

type Json = z.infer<ReturnType<typeof z.json>>;
type PartOfOptions = Partial<BindingOptions>;

const TEXT = z.object({ text: z.string() });
const JSON_VALUE = z.object({ json: z.json() });
const RATE_LIMIT = z.object({
  namespace_id: z.coerce.string(),
  simple: z.object({ limit: z.number().int().positive(), period: z.union([z.literal(10), z.literal(60)]) }),
});
const KV_NAMESPACE = z.object({ namespace_id: z.string() });
const QUEUE = z.object({ queue_name: z.string(), delivery_delay: z.number().int().min(0).nullish() });
const SERVICE = z.object({ service: z.string(), entrypoint: z.string().nullish() });

/** One function for every kind of binding that the emulator runs. */
const KINDS: Readonly<Record<string, (binding: Binding, version: Version) => PartOfOptions>> = {
  plain_text: toText,
  secret_text: toText,
  json: toJson,
  version_metadata: toVersionMetadata,
  ratelimit: toRateLimit,
  service: toService,
  kv_namespace: toKvNamespace,
  queue: toQueue,
  // `objects.ts` makes them.
  durable_object_namespace: () => ({}),
  assets: ({ name }) => ({ assetsBinding: name }),
};

/**
 * Translates the bindings of a version.
 * @throws StartupError for one of a kind that the emulator does not know, or without what its kind needs
 */
export function toBindingOptions(version: Version): BindingOptions {
  const parts = version.bindings.map((binding) => {
    const translate = KINDS[binding.type];
    if (translate === undefined) {
      throw new StartupError(`The emulator has no bindings of type "${binding.type}" (binding "${binding.name}")`);
    }
    return translate(binding, version);
  });
  return {
    bindings: Object.assign({}, ...parts.map((part) => part.bindings)),
    serviceBindings: Object.assign({}, ...parts.map((part) => part.serviceBindings)),
    unsafeBindings: parts.flatMap((part) => part.unsafeBindings ?? []),
    assetsBinding: parts.findLast((part) => part.assetsBinding !== undefined)?.assetsBinding ?? null,
  };
}

function toText(binding: Binding): PartOfOptions {
  return { bindings: { [binding.name]: parse(TEXT, binding).text } };
}

function toJson(binding: Binding): PartOfOptions {
  return { bindings: { [binding.name]: parse(JSON_VALUE, binding).json } };
}

/** Miniflare's own binding of this kind invents an id and knows no tag. */
function toVersionMetadata({ name }: Binding, { id, annotations, createdOn }: Version): PartOfOptions {
  return { bindings: { [name]: { id, tag: annotations["workers/tag"] ?? "", timestamp: createdOn } } };
}

/** Miniflare's own limiter counts per process, and every version has one: all would start at zero. */
function toRateLimit(binding: Binding): PartOfOptions {
  const { namespace_id: namespaceId, simple } = parse(RATE_LIMIT, binding);
  const props = { namespaceId, limit: simple.limit, periodS: simple.period };
  return { serviceBindings: { [binding.name]: { name: COMPANION, entrypoint: "RateLimit", props } } };
}

/** Leads back through the data plane, so that the other script's percentages, overrides and keys apply. */
function toService(binding: Binding): PartOfOptions {
  const { service, entrypoint } = parse(SERVICE, binding);
  const props = { service, entrypoint: entrypoint ?? null };
  return { serviceBindings: { [binding.name]: { name: COMPANION, entrypoint: "Service", props } } };
}

const KV_PLUGIN = { package: fileURLToPath(new URL("kv-binding.mjs", import.meta.url)), name: "emulated-kv" };
/** What Miniflare calls the companion inside the runtime. */
const COMPANION_SERVICE = `core:user:${COMPANION}`;

/** The runtime's own binding; what is stored belongs to the account, whatever version asks. */
function toKvNamespace(binding: Binding): PartOfOptions {
  const { namespace_id: namespaceId } = parse(KV_NAMESPACE, binding);
  const options = { service: COMPANION_SERVICE, entrypoint: "KvNamespace", namespaceId };
  return { unsafeBindings: [{ name: binding.name, type: "emulated-kv", plugin: KV_PLUGIN, options }] };
}

const QUEUE_PLUGIN = { package: fileURLToPath(new URL("queue-binding.mjs", import.meta.url)), name: "emulated-queue" };

/** The runtime's own binding; messages belong to the account, whatever version sends them. */
function toQueue(binding: Binding): PartOfOptions {
  const { queue_name: queueName, delivery_delay: delayS } = parse(QUEUE, binding);
  const options = { service: COMPANION_SERVICE, entrypoint: "QueueProducer", queueName, delayS: delayS ?? null };
  return { unsafeBindings: [{ name: binding.name, type: "emulated-queue", plugin: QUEUE_PLUGIN, options }] };
}

function parse<Shape>(schema: z.ZodType<Shape>, binding: Binding): Shape {
  const result = schema.safeParse(binding);
  if (result.success) return result.data;
  const reasons = result.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
  throw new StartupError(`Binding "${binding.name}" of type "${binding.type}" is not complete: ${reasons.join("; ")}`);
}
