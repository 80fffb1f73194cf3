import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";

import { generateDrizzleJson } from "drizzle-kit/api";

import * as schema from "../../src/db/schema.ts";

/** Table, section (columns, indexes, constraints), and what stands in it. */
const TABLE_DEPTH = 3;

interface Snapshot {
  readonly prevId?: string;
  readonly tables: Readonly<Record<string, { readonly columns: Readonly<Record<string, unknown>> }>>;
}

/**
 * What src/db/schema.ts says and the newest snapshot of the migrations does not: it would come up in somebody else's next
 * migration. That the snapshot has more is no fault: code lets go of a column first, and a later migration drops it.
 */
export function findSchemaFaults(folder: string): readonly string[] {
  const found = readNewest(folder);
  if (found === null) return ["meta/ holds no snapshot: restore it from git"];
  const { file, snapshot, fromSchema } = found;
  const { tables: have, ...otherHave } = snapshot;
  const { tables: want, ...otherWant } = fromSchema;
  if (isCovered(want, have, TABLE_DEPTH) && isDeepStrictEqual(otherWant, otherHave)) return [];
  return [`src/db/schema.ts differs from ${file}: make its migration, npm run db:generate -- --name what_it_does`];
}

/** Columns and tables that the code has let go of, and the database still has. */
export function findLeftovers(folder: string): readonly string[] {
  const found = readNewest(folder);
  if (found === null) return [];
  const { snapshot, fromSchema } = found;
  return Object.entries(snapshot.tables).flatMap(([table, { columns }]) => {
    const kept = fromSchema.tables[table]?.columns;
    if (kept === undefined) return [table];
    return Object.keys(columns).flatMap((column) => (column in kept ? [] : [`${table}.${column}`]));
  });
}

function readNewest(folder: string) {
  const file = globSync("meta/*_snapshot.json", { cwd: folder }).toSorted().at(-1);
  if (file === undefined) return null;
  const snapshot: Snapshot = JSON.parse(readFileSync(join(folder, file), "utf8"));
  // Through JSON, as the snapshot is: what is undefined is not there.
  const fromSchema: Snapshot = JSON.parse(JSON.stringify(generateDrizzleJson(schema, snapshot.prevId)));
  // Each has an id of its own.
  const ids = { id: "", prevId: "" };
  return { file, snapshot: { ...snapshot, ...ids }, fromSchema: { ...fromSchema, ...ids } };
}

/** Whether all of one is in the other: down to a depth the other may have more, below that they must be equal. */
function isCovered(part: unknown, whole: unknown, depth: number): boolean {
  if (depth === 0 || !isObject(part) || !isObject(whole)) return isDeepStrictEqual(part, whole);
  return Object.entries(part).every(([key, value]) => key in whole && isCovered(value, whole[key], depth - 1));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
