/** What a Worker is given by name. A further kind of binding is one more case here and in `toEntry`. */
export type Binding =
  | { readonly kind: "text"; readonly name: string; readonly value: string }
  | { readonly kind: "json"; readonly name: string; readonly value: unknown }
  /** A rate limiter that refuses one caller. */
  | { readonly kind: "limiter"; readonly name: string }
  /** Files of a folder, by their path. */
  | { readonly kind: "files"; readonly name: string; readonly folder: string }
  /** The Worker's own Durable Objects of a class. */
  | { readonly kind: "objects"; readonly name: string; readonly className: string }
  /** The entrypoint that a Worker in another process opens on this port of loopback. */
  | { readonly kind: "entrypoint"; readonly name: string; readonly port: number };

export interface WorkerDefinition {
  readonly compatibilityDate: string;
  readonly compatibilityFlags: readonly string[];
  readonly bindings: readonly Binding[];
  /** Flags of V8; its own defaults when absent. */
  readonly v8Flags?: readonly string[];
  /** Where its Durable Objects keep their databases; an existing folder. */
  readonly objectsFolder?: string;
  /** An entrypoint whose methods Workers in other processes may call, by Cap'n Proto on a port of its own. */
  readonly entrypoint?: { readonly name: string; readonly port: number };
}

/** Names of the files that have to lie next to the configuration. */
export const CONFIG_FILES = { config: "config.capnp", script: "index.js", limiter: "limiter.mjs" } as const;

const LIMITER_MODULE = "local:limiter";

/** Id of the caller whom every limiter refuses. */
export const REFUSED_CALLER = "limited";

/** A configuration of plain workerd that serves one Worker on loopback; it may hold secrets. */
export function toWorkerdConfig(worker: WorkerDefinition, port: number): string {
  return `using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "main", worker = .main),
    (name = "internet", network = (allow = ["public", "private", "local"])),${toServices(worker)}
  ],
  v8Flags = [${(worker.v8Flags ?? []).map(quote).join(", ")}],
  sockets = [${toSockets(worker, port).join(", ")}],
  extensions = [(modules = [(name = "${LIMITER_MODULE}", internal = true, esModule = embed "${CONFIG_FILES.limiter}")])],
);

const main :Workerd.Worker = (
  modules = [(name = "index.js", esModule = embed "${CONFIG_FILES.script}")],
  compatibilityDate = ${quote(worker.compatibilityDate)},
  compatibilityFlags = [${worker.compatibilityFlags.map(quote).join(", ")}],
  bindings = [
${worker.bindings.map((binding) => `    (name = ${quote(binding.name)}, ${toEntry(binding)}),`).join("\n")}
  ],${toObjects(worker)}
);
`;
}

/** The host that a connection names to speak Cap'n Proto (workerd.capnp, `capnpConnectHost`). */
const RPC = 'http = (capnpConnectHost = "rpc")';

function toSockets({ entrypoint }: WorkerDefinition, port: number): string[] {
  const main = `(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")`;
  if (entrypoint === undefined) return [main];
  const service = `(name = "main", entrypoint = ${quote(entrypoint.name)})`;
  return [main, `(name = "rpc", address = "127.0.0.1:${entrypoint.port}", ${RPC}, service = ${service})`];
}

function toServices({ bindings, objectsFolder }: WorkerDefinition): string {
  const services = bindings.flatMap((binding) => {
    const name = quote(serviceOf(binding));
    if (binding.kind === "files") return `(name = ${name}, disk = (path = ${quote(binding.folder)}))`;
    if (binding.kind !== "entrypoint") return [];
    return `(name = ${name}, external = (address = "127.0.0.1:${binding.port}", ${RPC}))`;
  });
  if (objectsFolder !== undefined)
    services.push(`(name = "objects", disk = (path = ${quote(objectsFolder)}, writable = true))`);
  return services.map((service) => `\n    ${service},`).join("");
}

const serviceOf = ({ kind, name }: Binding): string => `${kind}:${name}`;

function toObjects({ bindings, objectsFolder }: WorkerDefinition): string {
  if (objectsFolder === undefined) return "";
  const classes = bindings.flatMap((binding) => (binding.kind === "objects" ? [quote(binding.className)] : []));
  const namespaces = classes.map((name) => `(className = ${name}, uniqueKey = ${name}, enableSql = true)`);
  return `
  durableObjectNamespaces = [${namespaces.join(", ")}],
  durableObjectStorage = (localDisk = "objects"),`;
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
    case "entrypoint":
      return `service = ${quote(serviceOf(binding))}`;
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
