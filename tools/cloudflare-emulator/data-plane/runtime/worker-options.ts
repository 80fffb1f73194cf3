import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";

import type { V4WorkerOptions } from "miniflare";
import { z } from "zod";

import { type ScriptModule, StartupError, type Version } from "../../model.ts";
import { COMPANION, toBindingOptions } from "./bindings.ts";
import { type ObjectHosting, toObjectOptions, toProxyClasses } from "./objects.ts";

/** The companion's modules; the first one is its entry. */
const COMPANION_FILES = [
  new URL("companion-worker.mjs", import.meta.url),
  new URL("companion-calls.mjs", import.meta.url),
  new URL("object-proxy.mjs", import.meta.url),
];
const DEBUG_PORT_PLUGIN = fileURLToPath(new URL("debug-port.mjs", import.meta.url));
const COMPANION_COMPATIBILITY_DATE = "2026-08-15";
const SHARED_OPTIONS = {
  unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }],
  // Caches without effect, as they are on workers.dev: Miniflare would keep them in a folder that may outlive a short process.
  cacheAPI: false,
};
/** Stack traces and start-up errors name modules relative to this: as the bundle has them, never where they are kept. */
const MODULES_ROOT = "/";

const MODULE_TYPES = {
  "application/javascript+module": "ESModule",
  "application/javascript": "CommonJS",
  "text/plain": "Text",
  "application/octet-stream": "Data",
  "application/wasm": "CompiledWasm",
} as const;

const ASSET_CONFIG = z.object({
  html_handling: z.enum(["auto-trailing-slash", "force-trailing-slash", "drop-trailing-slash", "none"]).optional(),
  not_found_handling: z.enum(["single-page-application", "404-page", "none"]).optional(),
  run_worker_first: z.union([z.boolean(), z.array(z.string())]).optional(),
});

const DEBUG_PORT = {
  name: "DEBUG_PORT",
  type: "debug-port",
  plugin: { package: DEBUG_PORT_PLUGIN, name: "debug-port" },
  options: {},
};

export interface WorkersToRun {
  readonly scriptName: string;
  readonly version: Version;
  readonly hosting: ObjectHosting;
  /** `host:port` of the data plane's services for the companion. */
  readonly dataPlaneAddress: string;
}

/** @param added to the entry */
const companionModules = (added: string): Module[] =>
  COMPANION_FILES.map((file, place) => ({
    type: "ESModule",
    path: `/${basename(file.pathname)}`,
    contents: readFileSync(file, "utf8") + (place === 0 ? added : ""),
  }));

/**
 * A version and its companion, for Miniflare. Both have sockets of their own: Miniflare's entry would compress answers,
 * rewrite headers and show pages about errors, none of which is the Worker's.
 * @throws StartupError
 */
export function toWorkers({ scriptName, version, hosting, dataPlaneAddress }: WorkersToRun): V4WorkerOptions[] {
  const { bindings, serviceBindings, unsafeBindings, assetsBinding } = toBindingOptions(version);
  const proxies = toProxyClasses(version, hosting);
  return [
    {
      name: scriptName,
      compatibilityDate: version.compatibilityDate,
      compatibilityFlags: [...version.compatibilityFlags],
      modulesRoot: MODULES_ROOT,
      modules: toModules(version),
      bindings: { ...bindings },
      serviceBindings: { ...serviceBindings },
      unsafeBindings: [...unsafeBindings],
      tails: [COMPANION],
      ...toObjectOptions(version, hosting),
      ...SHARED_OPTIONS,
      // The registry says where its methods can be called.
      unsafeRegisterWorker: true,
      ...toAssets(version, assetsBinding),
    },
    {
      name: COMPANION,
      compatibilityDate: COMPANION_COMPATIBILITY_DATE,
      modulesRoot: MODULES_ROOT,
      modules: companionModules(proxies.source),
      bindings: { VERSION_ID: version.id },
      serviceBindings: { NODE: { external: { address: dataPlaneAddress, http: {} } } },
      unsafeBindings: [DEBUG_PORT],
      ...proxies.options,
      // Objects that only hand on keep nothing.
      unsafeEphemeralDurableObjects: true,
      ...SHARED_OPTIONS,
      unsafeRegisterWorker: false,
    },
  ];
}

type Module = Extract<V4WorkerOptions, { modules: unknown[] }>["modules"][number];

function toModules({ mainModule, modules }: Version): Module[] {
  const main = modules.find(({ name }) => name === mainModule);
  if (main === undefined) throw new StartupError(`The main module "${mainModule}" is not in the upload`);
  const others = modules.filter((module) => module !== main && module.type !== "application/source-map");
  return [main, ...others].map(toModule);
}

function toModule({ name, type, file }: ScriptModule): Module {
  const kind = Object.entries(MODULE_TYPES).find(([mediaType]) => mediaType === type)?.[1];
  if (kind === undefined) throw new StartupError(`The emulator runs no modules of type "${type}" (module "${name}")`);
  const contents = readFileSync(file);
  const isBinary = kind === "Data" || kind === "CompiledWasm";
  // A copy: small buffers of Node share their memory, of which Miniflare would send all.
  return {
    type: kind,
    path: MODULES_ROOT + name,
    contents: isBinary ? Uint8Array.from(contents) : contents.toString(),
  };
}

function toAssets({ assets }: Version, binding: string | null): Pick<V4WorkerOptions, "assets"> {
  if (assets === null) return {};
  const config = ASSET_CONFIG.parse(assets.config);
  return {
    assets: {
      directory: assets.directory,
      ...(binding === null ? {} : { binding }),
      ...(config.run_worker_first === undefined ? {} : { run_worker_first: config.run_worker_first }),
      routerConfig: { has_user_worker: true },
      assetConfig: {
        ...(config.html_handling === undefined ? {} : { html_handling: config.html_handling }),
        ...(config.not_found_handling === undefined ? {} : { not_found_handling: config.not_found_handling }),
      },
    },
  };
}
