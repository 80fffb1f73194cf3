/** What a Worker is given by name. A further kind of binding is one more case here and in `toEntry`. */
export type Binding =
  | { readonly kind: "text"; readonly name: string; readonly value: string }
  | { readonly kind: "json"; readonly name: string; readonly value: unknown }
  /** A rate limiter that refuses one caller. */
  | { readonly kind: "limiter"; readonly name: string }
  /** Files of a folder, by their path. */
  | { readonly kind: "files"; readonly name: string; readonly folder: string };

export interface WorkerDefinition {
  readonly compatibilityDate: string;
  readonly compatibilityFlags: readonly string[];
  readonly bindings: readonly Binding[];
  /** Flags of V8; its own defaults when absent. */
  readonly v8Flags?: readonly string[];
}

/** Names of the files that have to lie next to the configuration. */
export const CONFIG_FILES = { config: "config.capnp", script: "index.js", limiter: "limiter.mjs" } as const;

const LIMITER_MODULE = "local:limiter";

/** Id of the caller whom every limiter refuses. */
export const REFUSED_CALLER = "limited";

/** A configuration of plain workerd that serves one Worker on loopback; it may hold secrets. */
export function toWorkerdConfig(worker: WorkerDefinition, port: number): string {
  const files = worker.bindings.filter((binding) => binding.kind === "files");
  return `using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "main", worker = .main),
    (name = "internet", network = (allow = ["public", "private", "local"])),${files
      .map(({ name, folder }) => `\n    (name = ${quote(`files:${name}`)}, disk = (path = ${quote(folder)})),`)
      .join("")}
  ],
  v8Flags = [${(worker.v8Flags ?? []).map(quote).join(", ")}],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
  extensions = [(modules = [(name = "${LIMITER_MODULE}", internal = true, esModule = embed "${CONFIG_FILES.limiter}")])],
);

const main :Workerd.Worker = (
  modules = [(name = "index.js", esModule = embed "${CONFIG_FILES.script}")],
  compatibilityDate = ${quote(worker.compatibilityDate)},
  compatibilityFlags = [${worker.compatibilityFlags.map(quote).join(", ")}],
  bindings = [
${worker.bindings.map((binding) => `    (name = ${quote(binding.name)}, ${toEntry(binding)}),`).join("\n")}
  ],
);
`;
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
  }
}

/** Cap'n Proto knows the escapes of JSON, but not those by code point. */
function quote(text: string): string {
  const quoted = JSON.stringify(text);
  if (/(?<!\\)(?:\\\\)*\\u/.test(quoted)) throw new Error("a text has characters that the configuration cannot hold");
  return quoted;
}
