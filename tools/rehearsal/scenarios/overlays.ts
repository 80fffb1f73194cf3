import type { ProjectCopy } from "./project-copy.ts";

/** Puts a change into the copy of the project. Throws when what it builds on is not there any more. */
export type Overlay = (copy: Pick<ProjectCopy, "read" | "write">) => void;

/** Marks every answer that a fault of ours has touched. */
const FAULT_HEADER = "X-Injected-Fault";

/**
 * Requests that an isolate serves before it begins to fail, as with a leak: more than the waits and the smoke test
 * send, so that the first step is the earliest one that can see it.
 */
const FAILS_AFTER = 200;
/** 5 %. */
const FAILS_EVERY = 20;

const ENTRY = "src/index.ts";
const REAL_ENTRY = "real-index.ts";
/** Of an entry that stands before another one already. */
const WRAPPED_ENTRY = "wrapped-index.ts";
const MIGRATIONS = "migrations";
const JOURNAL = `${MIGRATIONS}/meta/_journal.json`;

const HEADER = "X-Rehearsal";

/** Something that clients can see, and that hurts nobody. */
export const addHeader: Overlay = (copy) => setHeader(copy, "a newer version");

/** The same, again and again: each builds upon the one before. */
export const nextRelease =
  (number: number): Overlay =>
  (copy) => {
    const entry = copy.read(ENTRY);
    const value = `release ${number}`;
    const changed = entry.replace(/(?<="X-Rehearsal", ")[^"]*/, value);
    if (changed === entry) setHeader(copy, value);
    else copy.write(ENTRY, changed);
  };

function setHeader(copy: Parameters<Overlay>[0], value: string): void {
  wrapFetch(
    copy,
    `const answer = await worker.fetch(...args);
    const changed = new Response(answer.body, answer);
    changed.headers.set("${HEADER}", "${value}");
    return changed;`,
  );
}

/** Throws while the module is loaded. */
export const breakStartUp: Overlay = (copy) =>
  wrapEntry(copy, `throw new Error("the table of countries is missing");\n\nexport default worker;`);

/** Forgets to tell caches to keep out. Every reading of an answer can see it. */
export const loseCacheControl: Overlay = (copy) =>
  wrapFetch(
    copy,
    `const answer = await worker.fetch(...args);
    const changed = new Response(answer.body, answer);
    changed.headers.delete("Cache-Control");
    changed.headers.set("${FAULT_HEADER}", "error");
    return changed;`,
  );

/** Fails after the work is done, so that what was written stays written and nobody is told. */
export const failSome: Overlay = (copy) =>
  wrapFetch(
    copy,
    `const answer = await worker.fetch(...args);
    served += 1;
    if (served <= ${FAILS_AFTER} || served % ${FAILS_EVERY} !== 0) return answer;
    const headers = { "X-Version-Id": answer.headers.get("X-Version-Id") ?? "", "${FAULT_HEADER}": "error" };
    return new Response("Internal Server Error", { status: 500, headers });`,
    "let served = 0;",
  );

const APP = "src/app.ts";
const ANSWERS = "requestLifecycle(options, operations.fetch)";
/** One request in so many. */
const RARELY = 500;

/** Fails whatever would change something, after the work is done; what only reads is as it was. */
export const failWrites: Overlay = (copy) => breakAnswers(copy, `!["GET", "HEAD", "OPTIONS"].includes(request.method)`);

/** Fails one request in five hundred, whatever it asks for. */
export const failRarely: Overlay = (copy) => breakAnswers(copy, `++answered % ${RARELY} === 0`);

/** Within the Worker, so that it counts its failures itself, as it does with those of its own. */
function breakAnswers(copy: Parameters<Overlay>[0], isBroken: string): void {
  const app = copy.read(APP);
  if (!app.includes(ANSWERS)) throw new Error(`${APP} has no ${ANSWERS} to build a fault around`);
  copy.write(
    APP,
    `${app.replace(ANSWERS, "requestLifecycle(options, failing(operations.fetch, options.versionId))")}
let answered = 0;

function failing(answer: typeof OpenAPIHono.prototype.fetch, versionId: string): typeof answer {
  return async (request, ...rest) => {
    const right = await answer(request, ...rest);
    if (!(${isBroken})) return right;
    return new Response("Internal Server Error", {
      status: 500,
      headers: { "X-Version-Id": versionId, "${FAULT_HEADER}": "error" },
    });
  };
}
`,
  );
}

/** Takes again as long as each request took. */
export const beSlow: Overlay = (copy) =>
  wrapFetch(
    copy,
    `const startedAt = Date.now();
    const answer = await worker.fetch(...args);
    await scheduler.wait(Date.now() - startedAt);
    const changed = new Response(answer.body, answer);
    changed.headers.set("${FAULT_HEADER}", "slow");
    return changed;`,
  );

/** Adds a column that the running version knows nothing of and is not disturbed by. */
export const expandSchema: Overlay = (copy) =>
  addMigration(copy, "add_nickname", `ALTER TABLE "users" ADD COLUMN "nickname" text;\n`);

/** Renames a column that the running version reads. */
export const breakSchema: Overlay = (copy) =>
  addMigration(copy, "rename_full_name", `ALTER TABLE "users" RENAME COLUMN "full_name" TO "display_name";\n`);

const TELEMETRY_ENTRY = "telemetry/src/index.ts";
const TELEMETRY_CONFIG = "telemetry/wrangler.toml";

/** A version of telemetry that has the same classes. */
export const changeTelemetry: Overlay = (copy) =>
  replace(
    copy,
    TELEMETRY_ENTRY,
    /"X-Version-Id"/,
    `"X-Rehearsal", "a newer version");\n    response.headers.set("X-Version-Id"`,
  );

/** A version of telemetry with one more class of Durable Objects, and the class migration that makes it. */
export const addTelemetryClass: Overlay = (copy) => {
  const name = "RehearsedShard";
  replace(copy, TELEMETRY_ENTRY, /$/, `\nexport { MetricsShard as ${name} } from "./metrics-shard.ts";\n`);
  const tags = [...copy.read(TELEMETRY_CONFIG).matchAll(/^\[\[migrations\]\]\ntag = "v(\d+)"$/gm)].map(([, tag]) =>
    Number(tag),
  );
  const migration = `[[migrations]]\ntag = "v${Math.max(...tags) + 1}"\nnew_sqlite_classes = ["${name}"]\n\n`;
  replace(copy, TELEMETRY_CONFIG, /^\[observability\]$/m, `${migration}[observability]`);
};

function replace(copy: Parameters<Overlay>[0], file: string, what: RegExp, by: string): void {
  const before = copy.read(file);
  const after = before.replace(what, by);
  if (after === before) throw new Error(`${file} has no place for ${by}`);
  copy.write(file, after);
}

function wrapFetch(copy: Parameters<Overlay>[0], body: string, before = ""): void {
  wrapEntry(
    copy,
    `${before}
export default {
  ...worker,
  async fetch(...args: Parameters<typeof worker.fetch>): Promise<Response> {
    ${body}
  },
};`,
  );
}

/** Puts itself before the Worker as it is, whatever is in it. */
function wrapEntry(copy: Parameters<Overlay>[0], code: string): void {
  const entry = copy.read(ENTRY);
  if (!entry.includes("export default")) throw new Error(`${ENTRY} has no default export to build a fault around`);
  if (!/^main = "src\/index\.ts"$/m.test(copy.read("wrangler.toml"))) throw new Error(`${ENTRY} is not the entry`);
  const inner = entry.includes(REAL_ENTRY) ? WRAPPED_ENTRY : REAL_ENTRY;
  copy.write(`src/${inner}`, entry);
  copy.write(ENTRY, `import worker from "./${inner}";\n\nexport * from "./${inner}";\n\n${code}\n`);
}

function addMigration(copy: Parameters<Overlay>[0], name: string, sql: string): void {
  const journal: unknown = JSON.parse(copy.read(JOURNAL));
  if (typeof journal !== "object" || journal === null || !("entries" in journal) || !Array.isArray(journal.entries)) {
    throw new Error(`${JOURNAL} has no list of migrations to add to`);
  }
  const [last]: unknown[] = journal.entries.slice(-1);
  if (typeof last !== "object" || last === null || !("when" in last)) throw new Error(`${JOURNAL} has no times`);
  const idx = journal.entries.length;
  const tag = `${String(idx).padStart(4, "0")}_${name}`;
  const entries: unknown[] = [
    ...journal.entries,
    { idx, version: "7", when: Number(last.when) + 1, tag, breakpoints: true },
  ];
  copy.write(`${MIGRATIONS}/${tag}.sql`, sql);
  copy.write(JOURNAL, `${JSON.stringify({ ...journal, entries }, null, 2)}\n`);
}
