import { findScenario } from "../scenarios/index.ts";
import { FIRST_CREATED_AT, idOf, usernameOf } from "../scenarios/rows.ts";
import { read, type Scenario, scenario, USERS } from "../scenarios/scenario.ts";
import type { BenchStack } from "../stack/stack.ts";
import { CURSOR_SECRET, startApi } from "../variants/api.ts";
import { toCursor } from "../workers/floor/cursor.ts";
import { type Axis, USUAL_CONNECTIONS } from "./axis.ts";

const SIZES = [100, 1_000, 10_000, 100_000, 1_000_000];
const SORTS = ["-created_at", "created_at", "username", "-username"] as const;
const LIMIT = 20;
const MINUTE_MS = 60_000;

/** Users in the table: reads by id, pages from its middle in every order, and filters. */
export const tableAxis = (stack: BenchStack): Axis => ({
  name: "table",
  xLabel: "users in the table",
  sizes: SIZES,
  async prepare(rows) {
    await stack.database.restore({ rows });
    const api = await startApi(stack);
    const scenarios = [findScenario("get-by-id"), ...(await deepLists(rows)), ...FILTERED];
    const loads = scenarios.map((one) => ({
      curve: one.name,
      scenario: one,
      connections: USUAL_CONNECTIONS,
      rows,
    }));
    return { ...api, loads };
  },
});

const listOf = (name: string, query: string): Scenario =>
  scenario({ name, title: name, requests: [read(`${USERS}?limit=${LIMIT}${query}`)] });

/** Both find the same few users whatever the size. */
const FILTERED: readonly Scenario[] = [
  listOf("email filter", "&email={{username}}@example.com"),
  listOf("prefix filter", `&username=${usernameOf(10).slice(0, -1)}`),
];

async function deepLists(rows: number): Promise<readonly Scenario[]> {
  const place = Math.floor(rows / 2);
  const time = new Date(Date.parse(FIRST_CREATED_AT) + place * MINUTE_MS).toISOString();
  return await Promise.all(
    SORTS.map(async (sort) => {
      const key = sort.endsWith("username") ? usernameOf(place) : time;
      const list = JSON.stringify([sort, null, null, null, null]);
      const cursor = await toCursor(CURSOR_SECRET, `${key}|${idOf(place)}`, list);
      return listOf(`deep list, ${sort}`, `&sort=${sort}&cursor=${cursor}`);
    }),
  );
}
