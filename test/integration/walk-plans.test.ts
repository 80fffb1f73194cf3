import { afterAll, beforeAll, describe, test } from "vitest";

import { USER_SORTS } from "../../src/models/user-list.ts";
import { explainLists, type ListPlan } from "../../tools/db/explain.ts";
import { startPostgres, type PostgresServer } from "../../tools/postgres/index.ts";

let postgres: PostgresServer;
let plans: ListPlan[];

beforeAll(async () => {
  postgres = await startPostgres();
  plans = await explainLists(await postgres.createDatabase());
});

afterAll(async () => {
  await postgres.close();
});

function nameOf({ filter, sort, hasCursor }: ListPlan): string {
  return `${filter}, by ${sort}${hasCursor ? ", behind a cursor" : ""}`;
}

describe("Among 100,000 users, PostgreSQL", () => {
  test("finds every kind of list by an index", ({ expect }) => {
    const sequential = plans.filter(
      ({ scans }) => scans.length === 0 || scans.some((scan) => scan.startsWith("Seq Scan")),
    );
    expect(sequential.map(nameOf)).toEqual([]);
    expect(plans.length).toBeGreaterThanOrEqual(2 * 10 * USER_SORTS.length);
  });

  test("reads an unfiltered page off the index, and no row more", ({ expect }) => {
    const unfiltered = plans.filter(({ filter }) => filter === "no filter");
    expect(unfiltered).toHaveLength(2 * USER_SORTS.length);
    for (const plan of unfiltered) {
      expect(plan).toMatchObject({
        rowsRead: 21,
        rowsReturned: 21,
        isSorted: false,
        scans: [expect.stringMatching(/^Index Scan/)],
      });
    }
  });

  test("never reads more than a tenth of the users for a page", ({ expect }) => {
    expect(plans.filter(({ rowsRead }) => rowsRead > 10_000).map(nameOf)).toEqual([]);
  });
});
