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
  http: {
    folders: ["models", "auth", "observability"],
    typesOf: ["services", "resilience"],
    packages: except(...DRIVERS),
  },
  "index.ts": { folders: ["worker.ts"], packages: only("cloudflare:workers") },
  "worker.ts": {
    folders: ["app.ts", "config.ts", "dependencies.ts", "http", "observability"],
    packages: except(...DRIVERS),
  },
  "app.ts": { folders: [...ALL_BUT_ADAPTERS, "config.ts", "dependencies.ts"], packages: except(...DRIVERS) },
  "dependencies.ts": { folders: [...ALL_BUT_ADAPTERS, "db", "repositories", "config.ts"], packages: () => true },
  "config.ts": { folders: ["models", "observability"], packages: only("zod") },
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

/** One sentence for each import that breaks the table. */
export function findViolations(edges: readonly ImportEdge[], exists: (path: string) => boolean): string[] {
  return edges.flatMap((edge) => {
    const reason = judge(edge, exists);
    return reason === undefined ? [] : [`${edge.from} ${reason} (${edge.specifier})`];
  });
}
