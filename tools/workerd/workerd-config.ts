/** What a Worker is given by name. A further kind of binding is one more case here and in `toEntry`. */
export type Binding =
  | { readonly kind: "text"; readonly name: string; readonly value: string }
  | { readonly kind: "json"; readonly name: string; readonly value: unknown }
  /** A rate limiter that refuses one caller. */
  | { readonly kind: "limiter"; readonly name: string }
  /** Files of a folder, by their path. */
  | { readonly kind: "files"; readonly name: string; readonly folder: string }
  /** A class that the companion exports, for calls. */
  | { readonly kind: "companion"; readonly name: string; readonly entrypoint: string }
  /** The entrypoint that a Worker in another process opens on this port of loopback. */
  | { readonly kind: "entrypoint"; readonly name: string; readonly port: number }
  /** Durable Objects of a class of the Worker's own. */
  | { readonly kind: "objects"; readonly name: string; readonly className: string };

export interface WorkerDefinition {
  readonly compatibilityDate: string;
  readonly compatibilityFlags: readonly string[];
  readonly bindings: readonly Binding[];
  /** Flags of V8; its own defaults when absent. */
  readonly v8Flags?: readonly string[];
  /** An entrypoint whose methods Workers in other processes may call, by Cap'n Proto on a port of its own. */
  readonly entrypoint?: { readonly name: string; readonly port: number };
}

/** A second Worker in the same process, which the first one may call; it has an address of its own. */
export interface Companion {
  readonly worker: WorkerDefinition;
  readonly port: number;
}

/** Names of the files that have to lie next to the configuration, and of the folder in which Durable Objects keep their databases. */
export const CONFIG_FILES = {
  config: "config.capnp",
  script: "index.js",
  companion: "companion.js",
  limiter: "limiter.mjs",
  objects: "objects",
} as const;

const LIMITER_MODULE = "local:limiter";

/** Id of the caller whom every limiter refuses. */
export const REFUSED_CALLER = "limited";

/** A configuration of plain workerd that serves one Worker, and its companion, on loopback; it may hold secrets. */
export function toWorkerdConfig(worker: WorkerDefinition, port: number, companion: Companion | null = null): string {
  const served = [
    { name: "main", script: CONFIG_FILES.script, worker, port },
    ...(companion === null ? [] : [{ name: "companion", script: CONFIG_FILES.companion, ...companion }]),
  ];
  return `using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
${[
  ...served.map(({ name }) => `(name = "${name}", worker = .${name})`),
  ...served.flatMap((one) => toServices(one.worker)),
]
  .map((service) => `    ${service},`)
  .join("\n")}
    (name = "internet", network = (allow = ["public", "private", "local"])),
  ],
  v8Flags = [${(worker.v8Flags ?? []).map(quote).join(", ")}],
  sockets = [
${served
  .flatMap(toSockets)
  .map((socket) => `    ${socket},`)
  .join("\n")}
  ],
  extensions = [(modules = [(name = "${LIMITER_MODULE}", internal = true, esModule = embed "${CONFIG_FILES.limiter}")])],
);
${served.map((one) => `\nconst ${one.name} :Workerd.Worker = ${toWorker(one.worker, one.script)};\n`).join("")}`;
}

function toWorker({ compatibilityDate, compatibilityFlags, bindings }: WorkerDefinition, script: string): string {
  const classes = bindings.filter((binding) => binding.kind === "objects").map(({ className }) => quote(className));
  const namespaces = classes.map((name) => `(className = ${name}, uniqueKey = ${name}, enableSql = true)`);
  const storage = classes.length === 0 ? "" : `\n  durableObjectStorage = (localDisk = "${CONFIG_FILES.objects}"),`;
  return `(
  modules = [(name = "index.js", esModule = embed "${script}")],
  compatibilityDate = ${quote(compatibilityDate)},
  compatibilityFlags = [${compatibilityFlags.map(quote).join(", ")}],
  bindings = [
${bindings.map((binding) => `    (name = ${quote(binding.name)}, ${toEntry(binding)}),`).join("\n")}
  ],
  durableObjectNamespaces = [${namespaces.join(", ")}],${storage}
)`;
}

/** The host that a connection names to speak Cap'n Proto (workerd.capnp, `capnpConnectHost`). */
const RPC = 'http = (capnpConnectHost = "rpc")';

function toSockets({ name, port, worker: { entrypoint } }: Companion & { readonly name: string }): string[] {
  const http = `(name = "${name}", address = "127.0.0.1:${port}", http = (), service = "${name}")`;
  if (entrypoint === undefined) return [http];
  const service = `(name = "${name}", entrypoint = ${quote(entrypoint.name)})`;
  return [http, `(name = "${name}:rpc", address = "127.0.0.1:${entrypoint.port}", ${RPC}, service = ${service})`];
}

/** Services that a Worker's bindings need. */
function toServices({ bindings }: WorkerDefinition): string[] {
  const files = bindings.filter((binding) => binding.kind === "files");
  const entrypoints = bindings.filter((binding) => binding.kind === "entrypoint");
  const hasObjects = bindings.some(({ kind }) => kind === "objects");
  return [
    ...files.map(({ name, folder }) => `(name = ${quote(`files:${name}`)}, disk = (path = ${quote(folder)}))`),
    ...entrypoints.map(
      ({ name, port }) => `(name = ${quote(`entrypoint:${name}`)}, external = (address = "127.0.0.1:${port}", ${RPC}))`,
    ),
    ...(hasObjects
      ? [`(name = "${CONFIG_FILES.objects}", disk = (path = "${CONFIG_FILES.objects}", writable = true))`]
      : []),
  ];
}

/** The platform's limiter asks a service of Cloudflare's; this one answers at once, so that only the API's part is measured. */
export function toLimiterModule(refusedCaller: string): string {
  return `export default () => ({ limit: async ({ key }) => ({ success: key !== ${quote(`caller:${refusedCaller}`)} }) });\n`;
}

function toEntry(binding: Binding): string {
  switch (binding.kind) {
    case "text":
      return `text = ${quote(binding.value)}`;
    case "json":
      return `json = ${quote(JSON.stringify(binding.value))}`;
    case "limiter":
      return `wrapped = (moduleName = "${LIMITER_MODULE}")`;
    case "files":
      return `service = ${quote(`files:${binding.name}`)}`;
    case "entrypoint":
      return `service = ${quote(`entrypoint:${binding.name}`)}`;
    case "companion":
      return `service = (name = "companion", entrypoint = ${quote(binding.entrypoint)})`;
    case "objects":
      return `durableObjectNamespace = ${quote(binding.className)}`;
  }
}

/** Cap'n Proto knows the escapes of JSON, but not those by code point. */
function quote(text: string): string {
  const quoted = JSON.stringify(text);
  if (/(?<!\\)(?:\\\\)*\\u/.test(quoted)) throw new Error("a text has characters that the configuration cannot hold");
  return quoted;
}
