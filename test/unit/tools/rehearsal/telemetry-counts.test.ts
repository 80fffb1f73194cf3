import { describe, test } from "vitest";

import { findMiscounts, readCounts } from "../../../../tools/rehearsal/telemetry/counts.ts";

const NEVER = () => false;
const edgeOf = (answers: Record<string, number>, unanswered = 0) => [{ versionId: "a", answers, unanswered }];
const countedOf = (statuses: Record<string, number>, versionId = "a") => [
  { versionId, statuses: new Map(Object.entries(statuses)) },
];

describe("What telemetry has counted", () => {
  test("is read by version and status, over methods and routes", ({ expect }) => {
    const metrics = `# TYPE http_requests_total counter
http_requests_total{method="GET",route="/a",status="200",version_id="a",version_tag="t"} 3
http_requests_total{method="PUT",route="/a",status="200",version_id="a",version_tag="t"} 4
http_requests_total{method="GET",route="other",status="404",version_id="b",version_tag=""} 1
http_request_duration_seconds_count{method="GET",route="/a",status="200",version_id="a",version_tag="t"} 9
telemetry_lost_measurements_total{reason="expired"} 2
`;
    const { counted, lost } = readCounts(metrics);
    expect(counted.map(({ versionId, statuses }) => [versionId, Object.fromEntries(statuses)])).toEqual([
      ["a", { 200: 7 }],
      ["b", { 404: 1 }],
    ]);
    expect(lost).toBe(2);
  });

  test("is the same as at the edge, to the last one", ({ expect }) => {
    const edge = edgeOf({ 200: 5, 404: 1 });
    expect(findMiscounts({ edge, counted: countedOf({ 200: 5, 404: 1 }) }, NEVER)).toEqual({
      missing: [],
      tooMany: [],
    });
    expect(findMiscounts({ edge, counted: countedOf({ 200: 4, 404: 1 }) }, NEVER)).toEqual({
      missing: ["version a, status 200: 5 answered, 4 counted"],
      tooMany: [],
    });
    expect(findMiscounts({ edge, counted: countedOf({ 200: 5, 404: 2 }) }, NEVER).tooMany).toEqual([
      "version a, status 404: 1 answered, 2 counted",
    ]);
    expect(findMiscounts({ edge, counted: [] }, NEVER).missing).toHaveLength(2);
    expect(findMiscounts({ edge: [], counted: countedOf({ 200: 1 }) }, NEVER).tooMany).toHaveLength(1);
  });

  test("may hold those whose clients have left, and no more", ({ expect }) => {
    const edge = edgeOf({ 200: 5 }, 1);
    expect(findMiscounts({ edge, counted: countedOf({ 200: 6 }) }, NEVER).tooMany).toEqual([]);
    expect(findMiscounts({ edge, counted: countedOf({ 200: 7 }) }, NEVER).tooMany).toHaveLength(1);
  });

  test("is compared by number where a version rewrites its statuses", ({ expect }) => {
    const edge = edgeOf({ 200: 9, 500: 1 });
    const counted = countedOf({ 200: 10 });
    expect(findMiscounts({ edge, counted }, () => true)).toEqual({ missing: [], tooMany: [] });
    expect(findMiscounts({ edge, counted }, NEVER).missing).toHaveLength(1);
  });
});
