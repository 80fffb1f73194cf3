import { parseArgs } from "node:util";

import pg from "pg";

import type { QueryRunner } from "../../src/db/query-runner.ts";
import {
  NO_FILTER,
  pagePosition,
  USER_SORTS,
  type UserFilter,
  type UserQuery,
  type UserSort,
} from "../../src/models/user-list.ts";
import type { User } from "../../src/models/user.ts";
import { createPostgresUserRepository } from "../../src/repositories/postgres-user-repository.ts";
import { UsageError } from "../command/usage-error.ts";
import { assertDirectConnection } from "./database-url.ts";
import { migrate } from "./migrate.ts";

const USER_COUNT = 100_000;
const LIMIT = 20;
const DAY_MS = 86_400_000;
const START = Date.parse("2024-01-01T00:00:00.000Z");

/** A list query and how PostgreSQL answers it. */
export interface ListPlan {
  readonly sort: UserSort;
  readonly filter: string;
  /** Whether it starts in the middle of the list. */
  readonly hasCursor: boolean;
  /** How rows are found, from the outermost node that reads a table: `Index Scan users_username_key`. */
  readonly scans: readonly string[];
  readonly isSorted: boolean;
  readonly rowsRead: number;
  readonly rowsReturned: number;
  readonly milliseconds: number;
}

/** What clients ask for, from the commonest to the rarest answers: of 100,000 users, one in 20 is called `ada…`. */
const FILTERS: Readonly<Record<string, Partial<UserFilter>>> = {
  "no filter": {},
  "username, 1 in 20": { usernamePrefix: "ada" },
  "username, 1 in 2,000": { usernamePrefix: "ada42" },
  "username, exact": { usernamePrefix: "ada42000" },
  email: { email: "ada42000@example.com" },
  "created_after, 1 in 2": { createdAfter: new Date(START + 500 * DAY_MS) },
  "created_after, 1 in 100": { createdAfter: new Date(START + 990 * DAY_MS) },
  "created_before, 1 in 100": { createdBefore: new Date(START + 10 * DAY_MS) },
  "created_after and before, 1 in 1,000": {
    createdAfter: new Date(START + 600 * DAY_MS),
    createdBefore: new Date(START + 601 * DAY_MS),
  },
  "username 1 in 20, created_after 1 in 100": { usernamePrefix: "ada", createdAfter: new Date(START + 990 * DAY_MS) },
  "username, nobody": { usernamePrefix: "zzz" },
};

async function assertEmpty(client: pg.Client): Promise<void> {
  const { rows } = await client.query("select from pg_tables where schemaname = current_schema() limit 1");
  if (rows.length > 0) throw new UsageError("the database has tables; give an empty scratch database");
}

/** Adds users whose times spread over 1,000 days, each time shared by ten of them. */
async function fill(client: pg.Client): Promise<void> {
  await client.query(
    `insert into users (id, username, email, full_name, created_at, updated_at)
     select md5(place::text)::uuid, name, name || '@example.com', 'Ada Lovelace', time, time
     from generate_series(1, $1::integer) as place,
       lateral (select (array['ada', 'alan', 'barbara', 'claude', 'dennis', 'donald', 'edsger', 'frances', 'grace', 'hedy', 'jean',
         'john', 'katherine', 'ken', 'linus', 'margaret', 'niklaus', 'radia', 'tim', 'tony'])[place % 20 + 1] || place as name,
         $2::timestamptz + interval '1 day' * 1000 * (place / 10 * 10) / $1 as time)`,
    [USER_COUNT, new Date(START)],
  );
  await client.query("vacuum analyze users");
}

export interface SentStatement {
  readonly query: string;
  readonly params: unknown[];
}

/** The statement that the repository sends for a query, taken instead of sent. */
export async function captureStatement(query: UserQuery): Promise<SentStatement> {
  const sent: SentStatement[] = [];
  const run: QueryRunner["run"] = async (_, { statement, values, read }) => {
    sent.push({ query: statement.text, params: statement.bind(values) });
    return read({ rows: [], rowCount: 0 });
  };
  const work = { id: "explain", traceId: null, signal: new AbortController().signal, countQuery: () => {} };
  await createPostgresUserRepository({ queries: { run } }).list(query, work);
  const [statement] = sent;
  if (statement === undefined || sent.length > 1) throw new Error(`a list takes ${sent.length} statements`);
  return statement;
}

interface PlanNode {
  readonly "Node Type": string;
  readonly "Index Name"?: string;
  readonly "Relation Name"?: string;
  readonly "Actual Rows": number;
  readonly "Actual Loops": number;
  readonly "Rows Removed by Filter"?: number;
  readonly Plans?: readonly PlanNode[];
}

interface Explained {
  readonly Plan: PlanNode;
  readonly "Execution Time": number;
}

function nodesOf(node: PlanNode): PlanNode[] {
  return [node, ...(node.Plans ?? []).flatMap(nodesOf)];
}

async function explain(
  client: pg.Client,
  { query, params }: SentStatement,
): Promise<Omit<ListPlan, "sort" | "filter" | "hasCursor">> {
  const { rows } = await client.query<{ "QUERY PLAN": readonly Explained[] }>(
    `explain (analyze, buffers off, format json) ${query}`,
    params,
  );
  const [explained] = rows[0]?.["QUERY PLAN"] ?? [];
  if (explained === undefined) throw new Error("EXPLAIN gave no plan");
  const nodes = nodesOf(explained.Plan);
  const readers = nodes.filter((node) => node["Relation Name"] !== undefined);
  const rowsRead = readers.map(
    (node) => (node["Actual Rows"] + (node["Rows Removed by Filter"] ?? 0)) * node["Actual Loops"],
  );
  return {
    scans: nodes
      .filter((node) => node["Relation Name"] !== undefined || node["Index Name"] !== undefined)
      .map((node) => [node["Node Type"], node["Index Name"]].filter((part) => part !== undefined).join(" ")),
    isSorted: nodes.some((node) => node["Node Type"].endsWith("Sort")),
    rowsRead: rowsRead.reduce((sum, count) => sum + count, 0),
    rowsReturned: explained.Plan["Actual Rows"],
    milliseconds: explained["Execution Time"],
  };
}

/** In the middle of the times, and among the usernames that the filters name: most cursors lie within their lists. */
const MIDDLE: User = {
  id: "80000000-0000-4000-8000-000000000000",
  username: "ada42500",
  email: "ada42500@example.com",
  fullName: "Ada Lovelace",
  createdAt: new Date(START + 600.5 * DAY_MS),
  updatedAt: new Date(START),
  version: 1,
};

/** Migrates and fills the database, which must be empty, and explains every kind of list; the second of two runs counts. */
export async function explainLists(postgresUrl: string): Promise<ListPlan[]> {
  // Filling takes its time, whatever limits the migrations give the database.
  const client = new pg.Client({ connectionString: postgresUrl, options: "-c statement_timeout=0" });
  client.on("error", () => undefined); // The statement that was running reports it.
  await client.connect();
  try {
    await assertEmpty(client);
    await migrate({ postgresUrl, log: () => {} });
    await fill(client);
    const plans: ListPlan[] = [];
    for (const [name, conditions] of Object.entries(FILTERS)) {
      for (const sort of USER_SORTS) {
        for (const hasCursor of [false, true]) {
          const after = hasCursor ? pagePosition(MIDDLE, sort) : null;
          const query = { sort, limit: LIMIT, after, filter: { ...NO_FILTER, ...conditions } };
          const statement = await captureStatement(query);
          await explain(client, statement);
          plans.push({ sort, filter: name, hasCursor, ...(await explain(client, statement)) });
        }
      }
    }
    return plans;
  } finally {
    await client.end();
  }
}

/** A markdown table, one plan a line. */
function toTable(plans: readonly ListPlan[]): string {
  const lines = plans.map(({ sort, filter, hasCursor, scans, isSorted, rowsRead, rowsReturned, milliseconds }) => {
    const plan = `${scans.map((scan) => scan.replace(/\S+_\S+/, "`$&`")).join(", ")}${isSorted ? ", sort" : ""}`;
    const cursor = hasCursor ? "yes" : "no";
    return `| ${filter} | \`${sort}\` | ${cursor} | ${plan} | ${rowsRead} | ${rowsReturned} | ${milliseconds.toFixed(2)} |`;
  });
  const head = "| filter | sort | cursor | plan | rows read | rows returned | ms |\n|---|---|---|---|--:|--:|--:|";
  return [head, ...lines].join("\n");
}

const USAGE = `Fills an empty scratch database with 100,000 users and prints, as a markdown table, how PostgreSQL finds each kind of list.

Usage: node tools/run.mjs tools/db/explain.ts [--url URL]

  --url URL   the database, which must have no tables; PG_URL when absent
  --help      this text

Exit codes: 0 done, 1 failed, 2 called wrongly or the database is not empty.`;

async function main(): Promise<void> {
  const options = { url: { type: "string" }, help: { type: "boolean", default: false } } as const;
  const { url = process.env["PG_URL"] ?? "", help } = parseArgs({ options }).values;
  if (help) return console.log(USAGE);
  // Never DATABASE_URL, which may be somebody's real one.
  if (url === "") throw new UsageError("no database: give --url, or set PG_URL");
  assertDirectConnection(url);
  console.log(toTable(await explainLists(url)));
}

if (import.meta.main) {
  await main().catch((error: unknown) => {
    console.error(`error: ${error instanceof Error ? error.message : String(error)}`);
    const isMisuse = error instanceof UsageError || (error instanceof TypeError && "code" in error);
    process.exitCode = isMisuse ? 2 : 1;
  });
}
