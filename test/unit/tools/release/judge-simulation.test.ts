import { describe, test } from "vitest";

import { atLeast } from "../../../../tools/release/judge/distribution.ts";
import { readDocuments, renderPage } from "../../../../tools/release/judge/simulation/page.ts";
import { drawResults } from "../../../../tools/release/judge/simulation/picture.ts";
import {
  checkedOf,
  readResults,
  rejectedShare,
  RELEASES,
  releasesOf,
  type Results,
  simulateReleases,
  summarize,
} from "../../../../tools/release/judge/simulation/results.ts";
import {
  GOOD,
  nameOf,
  type Scenario,
  SCENARIOS,
  USERS_SCENARIOS,
} from "../../../../tools/release/judge/simulation/scenarios.ts";
import { renderTables } from "../../../../tools/release/judge/simulation/tables.ts";

const RESULTS = readResults();
const ALL = [...SCENARIOS, ...USERS_SCENARIOS];

/** Share of releases that were rejected. */
function shareOf(faultName: string, among: readonly Scenario[] = ALL, results: Results = RESULTS): readonly number[] {
  const scenarios = among.filter((scenario) => scenario.faultName === faultName);
  return scenarios.map((scenario) => rejectedShare(results[nameOf(scenario)]?.all ?? summarize([])));
}

describe("the figures of the judge (npm run judge:simulate -- --write-docs)", () => {
  test.for(ALL.map((scenario) => [nameOf(scenario), scenario] as const))(
    "are what the judge does: %s",
    { timeout: 60_000 },
    ([name, scenario], { expect }) => {
      expect(summarize(simulateReleases(scenario, checkedOf(scenario)))).toEqual(RESULTS[name]?.first);
    },
  );

  test("are of enough releases", ({ expect }) => {
    expect(Object.keys(RESULTS)).toEqual(ALL.map(nameOf));
    for (const scenario of ALL) {
      const { all, first } = RESULTS[nameOf(scenario)] ?? {};
      expect([all?.releases, first?.releases]).toEqual([releasesOf(scenario, RELEASES), checkedOf(scenario)]);
    }
  });

  test("stand in docs/releases.md and docs/judge.svg", ({ expect }) => {
    const { page, picture } = readDocuments();
    expect(page).toBe(renderPage(page, renderTables(RESULTS)));
    expect(picture).toBe(drawResults(RESULTS));
  });

  test("keep what is promised: at most one good version in a hundred is rejected, whatever the weather", ({
    expect,
  }) => {
    for (const share of shareOf(GOOD, SCENARIOS)) expect(share).toBeLessThanOrEqual(0.01);
  });

  test("keep it with users, too, as far as fewer releases can tell", ({ expect }) => {
    for (const scenario of USERS_SCENARIOS.filter(({ faultName }) => faultName === GOOD)) {
      const { releases, rejectedAt } = (RESULTS[nameOf(scenario)] ?? { all: summarize([]) }).all;
      const rejected = Object.values(rejectedAt).reduce((sum, count) => sum + count, 0);
      // As many by chance alone, at one in a hundred, are no rarity.
      expect(atLeast(rejected, releases * 0.01), nameOf(scenario)).toBeGreaterThan(0.05);
    }
  });

  test("keep what is promised: grave faults are caught, in a storm as well", ({ expect }) => {
    for (const fault of ["5 % fail", "10 % fail", "100 % fail", "2 times as slow", "3 times as slow", "all hang"]) {
      for (const share of shareOf(fault)) expect(share, fault).toBeGreaterThanOrEqual(0.99);
    }
  });
});

describe("the metrics of all requests (npm run judge:simulate -- --write-docs)", () => {
  test.for(["all writes fail", "10 % of writes fail", "1 in 100 fails", "all writes are refused"])(
    "show what no probe sees: %s",
    (fault, { expect }) => {
      const shares = shareOf(fault, USERS_SCENARIOS);
      expect(shares).toHaveLength(2);
      for (const share of shares) expect(share).toBeGreaterThanOrEqual(0.95);
    },
  );

  test("show a fault of one request in five hundred where enough of them come", ({ expect }) => {
    const [, many] = shareOf("1 in 500 fails", USERS_SCENARIOS);
    expect(many).toBeGreaterThanOrEqual(0.85);
  });
});

describe("a page with tables", () => {
  const PAGE = "before\n<!-- judge:good -->\nold\n<!-- /judge -->\nafter\n";

  test("changes between its marks only", ({ expect }) => {
    expect(renderPage(PAGE, { good: "new $1" })).toBe(PAGE.replace("old", () => "new $1"));
  });

  test("has a place for each table, and a table for each place", ({ expect }) => {
    expect(() => renderPage(PAGE, {})).toThrow('asks for a table "good"');
    expect(() => renderPage(PAGE, { good: "", faults: "" })).toThrow("leaves out the tables faults");
  });
});
