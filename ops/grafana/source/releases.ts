import { page } from "./page.ts";
import { lines } from "./panels.ts";
import { requestQuantile, requestRate, requestShare } from "./promql.ts";
import { table } from "./table.ts";

const BY_VERSION = "version_id, version_tag";
const LEGEND = "{{version_tag}} {{version_id}}";
const SERVER_ERRORS = `status=~"5.."`;
const CLIENT_ERRORS = `status=~"4..", status!="429"`;

/** Versions side by side while a release gives traffic from one to the other. */
export const releases = page({
  uid: "users-api-releases",
  title: "users-api / Releases",
  description: "Two versions side by side during a rollout: does the new one fail more, or answer later?",
  filters: ["route"],
  rows: [
    [
      "Side by side",
      table({
        title: "Versions",
        description:
          "The versions that have requests now. Choose one route above: versions get the same mix only when each gets many requests.",
        by: ["version_tag", "version_id"],
        columns: [
          { title: "requests/s", unit: "reqps", expr: `${requestRate(BY_VERSION)} > 0` },
          { title: "share", unit: "percentunit", expr: shareOfTraffic() },
          { title: "5xx", unit: "percentunit", expr: requestShare(BY_VERSION, SERVER_ERRORS) },
          { title: "4xx", unit: "percentunit", expr: requestShare(BY_VERSION, CLIENT_ERRORS) },
          { title: "p50", unit: "s", expr: requestQuantile(0.5, BY_VERSION) },
          { title: "p95", unit: "s", expr: requestQuantile(0.95, BY_VERSION) },
          { title: "p99", unit: "s", expr: requestQuantile(0.99, BY_VERSION) },
        ],
      }),
      lines(
        {
          title: "Share of traffic",
          description: "The steps of the rollout, as they really were.",
          unit: "percentunit",
          span: 12,
          queries: [[shareOfTraffic(), LEGEND]],
        },
        { isStacked: true },
      ),
      lines({
        title: "Rate",
        description: "Requests a second of each version.",
        unit: "reqps",
        span: 12,
        queries: [[requestRate(BY_VERSION), LEGEND]],
      }),
      lines({
        title: "Errors",
        description:
          "Share of a version's answers with 5xx. An outage of the database raises all versions; a bad version only its own.",
        unit: "percentunit",
        span: 12,
        queries: [[requestShare(BY_VERSION, SERVER_ERRORS), LEGEND]],
      }),
      lines({
        title: "Refused as wrong",
        description:
          "Share of a version's answers with 4xx other than 429: a version that refuses what the one before accepted.",
        unit: "percentunit",
        span: 12,
        queries: [[requestShare(BY_VERSION, CLIENT_ERRORS), LEGEND]],
      }),
      ...[0.5, 0.95, 0.99].map((quantile) =>
        lines({
          title: `p${quantile * 100}`,
          description: `Time under which ${quantile * 100} % of a version's requests stay.`,
          unit: "s",
          span: 8,
          queries: [[requestQuantile(quantile, BY_VERSION), LEGEND]],
        }),
      ),
    ],
    [
      "Where it fails",
      lines({
        title: "5xx by version, route and status",
        description:
          "Requests a second that failed, by where: the first thing to look at before a rollback, and after.",
        unit: "reqps",
        span: 24,
        queries: [
          [
            requestRate("version_tag, version_id, method, route, status", SERVER_ERRORS),
            `${LEGEND} {{method}} {{route}} {{status}}`,
          ],
        ],
      }),
    ],
  ],
});

function shareOfTraffic(): string {
  return `${requestRate(BY_VERSION)} / ignoring (version_id, version_tag) group_left () ${requestRate("")}`;
}
