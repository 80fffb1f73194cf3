import { COMPUTED_SPECIFIER, type ImportEdge } from "./import-graph.ts";

interface LayerRule {
  /** Folders of src it may import besides itself. */
  readonly folders: readonly string[];
  /** Folders of src of which it may import types, but no values. */
  readonly typesOf?: readonly string[];
  readonly packages: (name: string) => boolean;
  /** What it may import from outside src. */
  readonly outside?: RegExp;
}

const only =
  (...names: readonly string[]) =>
  (name: string): boolean =>
    names.includes(name);
const except =
  (...names: readonly string[]) =>
  (name: string): boolean =>
    !names.includes(name);

const DRIVERS = ["drizzle-orm", "@neondatabase/serverless", "pg"] as const;
const HTTP_FRAMEWORK = ["hono", "@hono/zod-openapi"] as const;
/** What the files directly in src build the application from. */
const ALL_BUT_ADAPTERS = ["models", "services", "auth", "resilience", "observability", "http"] as const;

/** Who may import what: the import rules of docs/architecture.md in a form that a test can check. */
const LAYER_RULES: Readonly<Record<string, LayerRule>> = {
  models: { folders: [], packages: only() },
  services: { folders: ["models"], packages: only() },
  db: {
    folders: ["models", "resilience", "observability"],
    packages: only("drizzle-orm", "@neondatabase/serverless"),
    outside: /^migrations\/meta\/_journal\.json$/,
  },
  repositories: { folders: ["db", "models"], packages: only("drizzle-orm") },
  auth: { folders: ["models"], typesOf: ["resilience"], packages: only("jose") },
  resilience: { folders: ["models", "observability"], packages: except(...HTTP_FRAMEWORK, ...DRIVERS) },
  observability: { folders: ["models", "resilience"], packages: except(...HTTP_FRAMEWORK, ...DRIVERS) },
  flags: {
    folders: ["models", "observability"],
    packages: only("@openfeature/server-sdk", "zod"),
  },
  http: {
    folders: ["models", "auth", "observability"],
    typesOf: ["services", "resilience", "flags"],
    packages: except(...DRIVERS),
  },
  "index.ts": { folders: ["worker.ts"], packages: only("cloudflare:workers") },
  "worker.ts": {
    folders: [
      "app.ts",
      "config.ts",
      "configuration-help.ts",
      "dependencies.ts",
      "http",
      "observability",
      "platform-bindings.ts",
      "stored-secrets.ts",
    ],
    packages: except(...DRIVERS),
  },
  "app.ts": { folders: [...ALL_BUT_ADAPTERS, "flags", "config.ts"], packages: except(...DRIVERS) },
  "dependencies.ts": {
    folders: [
      ...ALL_BUT_ADAPTERS,
      "flags",
      "db",
      "repositories",
      "config.ts",
      "platform-adapters.ts",
      "platform-bindings.ts",
    ],
    typesOf: ["app.ts"],
    packages: () => true,
  },
  "platform-adapters.ts": { folders: ["http", "observability"], packages: only() },
  "platform-bindings.ts": { folders: [], typesOf: ["flags", "models", "observability"], packages: only() },
  "config.ts": { folders: ["models", "observability", "config-urls.ts"], packages: only("zod") },
  "stored-secrets.ts": { folders: ["config.ts"], packages: only() },
  "config-urls.ts": { folders: [], packages: only() },
  "configuration-help.ts": { folders: [], packages: only() },
  /** Stand-ins that wrangler.toml puts in the place of packages; no source file imports them. */
  bundle: { folders: [], packages: only("zod"), outside: /^node_modules\// },
};

/** `src/http/users/index.ts` belongs to `http`; a file directly in src is a layer of its own. */
const layerOf = (path: string): string => path.split("/")[1] ?? "";

function judgeFile(edge: ImportEdge, rule: LayerRule, exists: (path: string) => boolean): string | undefined {
  if (!exists(edge.to)) return "does not resolve to a file";
  if (!edge.to.startsWith("src/")) return rule.outside?.test(edge.to) ? undefined : "leaves src";
  const target = layerOf(edge.to);
  if (target === layerOf(edge.from) || rule.folders.includes(target)) return undefined;
  if (rule.typesOf?.includes(target)) return edge.isTypeOnly ? undefined : `may import only types of ${target}`;
  return `may not import ${target}`;
}

function judge(edge: ImportEdge, exists: (path: string) => boolean): string | undefined {
  const rule = LAYER_RULES[layerOf(edge.from)];
  if (!rule) return "is in no known layer: give it a rule";
  if (edge.specifier === COMPUTED_SPECIFIER) return "imports a computed path";
  if (edge.isRelative) return judgeFile(edge, rule, exists);
  return rule.packages(edge.to) ? undefined : `may not import the package ${edge.to}`;
}

/** One sentence for each import of src that breaks the table of its layers. */
export function findViolations(edges: readonly ImportEdge[], exists: (path: string) => boolean): string[] {
  return edges.flatMap((edge) => describe(edge, judge(edge, exists)));
}

interface FloorRule {
  /** Folders of the project (`src`, `bench`, `test`, `tools/…`) it may import besides itself. */
  readonly folders: (name: string) => boolean;
  /** All when absent; Node's own are no packages. */
  readonly packages?: (name: string) => boolean;
}

/**
 * The floors of the tools that have one, the lowest first. What serves every tool knows none of them; the emulator is a
 * product of its own, which knows nothing of users; a release can do without both of those that rehearse it.
 */
const FLOOR_RULES: Readonly<Record<string, FloorRule>> = {
  "tools/command": { folders: only(), packages: only() },
  "tools/faults": { folders: only(), packages: only("zod") },
  "tools/net": { folders: only(), packages: only() },
  "tools/process": { folders: only(), packages: only() },
  "tools/cloudflare-emulator": {
    folders: only("tools/command", "tools/faults", "tools/net", "tools/process"),
    packages: only("miniflare", "cloudflare:workers", "zod", "croner", "jose"),
  },
  "tools/neon-emulator": {
    folders: only("tools/faults", "tools/net", "tools/postgres"),
    packages: only("pg", "zod"),
  },
  "tools/release": { folders: except("tools/cloudflare-emulator", "tools/rehearsal", "bench", "test") },
  "tools/rehearsal": { folders: except("tools/release", "bench", "test") },
};

/** The folders that `findFloorViolations` has a rule for. */
export const FLOORS: readonly string[] = Object.keys(FLOOR_RULES);

/** `tools/release/judge/limits.ts` is on the floor `tools/release`; outside of tools, the first folder counts. */
const floorOf = (path: string): string => path.split("/", path.startsWith("tools/") ? 2 : 1).join("/");

function judgeFloor(edge: ImportEdge): string | undefined {
  const rule = FLOOR_RULES[floorOf(edge.from)];
  if (!rule) return undefined;
  if (edge.specifier === COMPUTED_SPECIFIER) return "imports a computed path";
  if (!edge.isRelative) {
    const isAllowed = edge.to.startsWith("node:") || rule.packages?.(edge.to) !== false;
    return isAllowed ? undefined : `may not import the package ${edge.to}`;
  }
  const target = floorOf(edge.to);
  return target === floorOf(edge.from) || rule.folders(target) ? undefined : `may not import ${target}`;
}

/** One sentence for each import of a tool that breaks the table of floors, types included. */
export function findFloorViolations(edges: readonly ImportEdge[]): string[] {
  return edges.flatMap((edge) => describe(edge, judgeFloor(edge)));
}

const describe = (edge: ImportEdge, reason: string | undefined): string[] =>
  reason === undefined ? [] : [`${edge.from} ${reason} (${edge.specifier})`];
