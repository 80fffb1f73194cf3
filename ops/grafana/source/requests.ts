import { page } from "./page.ts";
import { heatmap, lines, stat } from "./panels.ts";
import { requestBuckets, requestQuantile, requestRate, requestShare } from "./promql.ts";
import { table } from "./table.ts";

const SERVER_ERRORS = `status=~"5.."`;
const LIMITED = `status="429"`;

/** Rate, errors and duration of each route, and who is refused for being too many. */
export const requests = page({
  uid: "users-api-requests",
  title: "users-api / Requests",
  description: "Which route is slow, which fails, which callers meet a limit.",
  filters: ["route"],
  rows: [
    [
      "At a glance",
      stat({
        title: "Requests",
        description: "All requests that were answered, a second.",
        unit: "reqps",
        span: 6,
        queries: [[requestRate(""), "requests"]],
      }),
      stat(
        {
          title: "Server errors",
          description:
            "Share of answers with 5xx: 503 and 504 are the database's (Database and resilience tells why), 500 is ours.",
          unit: "percentunit",
          span: 6,
          queries: [[requestShare("", SERVER_ERRORS), "5xx"]],
        },
        [0.001, 0.01],
      ),
      stat(
        {
          title: "p99",
          description: "Time under which 99 % of requests stay, from arrival at the Worker to its answer.",
          unit: "s",
          span: 6,
          queries: [[requestQuantile(0.99), "p99"]],
        },
        [0.5, 2],
      ),
      stat(
        {
          title: "Breakers not closed",
          description:
            "Isolates whose circuit breaker is open, or trying again. Some are normal for seconds; many are an outage.",
          unit: "short",
          span: 6,
          queries: [[`sum(circuit_breaker_state{job=~"$job"}) or vector(0)`, "isolates"]],
        },
        [1, 5],
      ),
    ],
    [
      "By route",
      table({
        title: "Routes",
        description: "Sort by any column: the slowest route, or the one that fails most.",
        by: ["route"],
        columns: [
          { title: "requests/s", unit: "reqps", expr: requestRate("route") },
          { title: "5xx", unit: "percentunit", expr: requestShare("route", SERVER_ERRORS) },
          { title: "429", unit: "percentunit", expr: requestShare("route", LIMITED) },
          { title: "p50", unit: "s", expr: requestQuantile(0.5, "route") },
          { title: "p95", unit: "s", expr: requestQuantile(0.95, "route") },
          { title: "p99", unit: "s", expr: requestQuantile(0.99, "route") },
        ],
      }),
      lines(
        {
          title: "Rate",
          description: "Requests a second. `other` is every path that no route matches.",
          unit: "reqps",
          span: 12,
          queries: [[requestRate("route"), "{{route}}"]],
        },
        { isStacked: true },
      ),
      lines(
        {
          title: "Statuses",
          description: "What clients are told, in requests a second.",
          unit: "reqps",
          span: 12,
          queries: [[requestRate("status"), "{{status}}"]],
        },
        { isStacked: true },
      ),
      lines({
        title: "Errors",
        description: "Share of a route's answers with 5xx.",
        unit: "percentunit",
        span: 12,
        queries: [[requestShare("route", SERVER_ERRORS), "{{route}}"]],
      }),
      lines({
        title: "Refused as wrong",
        description:
          "Share of a route's answers with 4xx other than 429: a client that was changed, or somebody who tries keys.",
        unit: "percentunit",
        span: 12,
        queries: [[requestShare("route", `status=~"4..", status!="429"`), "{{route}}"]],
      }),
      ...[0.5, 0.95, 0.99].map((quantile) =>
        lines({
          title: `p${quantile * 100}`,
          description: `Time under which ${quantile * 100} % of a route's requests stay, estimated within the buckets of the histogram.`,
          unit: "s",
          span: 8,
          queries: [[requestQuantile(quantile, "route"), "{{route}}"]],
        }),
      ),
      heatmap({
        title: "Durations",
        description:
          "How many requests a second fell into which bucket: two bands are two kinds of requests, which no quantile shows.",
        unit: "s",
        span: 24,
        queries: [[requestBuckets(), "{{le}}"]],
      }),
    ],
    [
      "Rate limits",
      lines({
        title: "Share of 429",
        description:
          "Share of a route's requests that were refused by the rate limit. Callers are no label, for there are too many: the log has them (status = 429, by caller).",
        unit: "percentunit",
        span: 12,
        queries: [[requestShare("route", LIMITED), "{{route}}"]],
      }),
      lines({
        title: "429 a second",
        description: "Requests that the rate limit refused.",
        unit: "reqps",
        span: 12,
        queries: [[requestRate("route, method", LIMITED), "{{method}} {{route}}"]],
      }),
    ],
  ],
});
