import { page } from "./page.ts";
import { lines } from "./panels.ts";
import { counterRate, queryQuantile } from "./promql.ts";
import { table } from "./table.ts";

const ROUND_TRIPS = counterRate("db_query_duration_seconds_count", "statement");
const TIME = counterRate("db_query_duration_seconds_sum", "statement");
const RETRIES = counterRate("db_retries_total", "statement");

/** The database as the API sees it, and what protects both from each other. */
export const database = page({
  uid: "users-api-database",
  title: "users-api / Database and resilience",
  description: "Is it the database? Which statement? Does the breaker open, is load shed?",
  rows: [
    [
      "Statements",
      table({
        title: "Statements",
        description: "Round trips as the API measures them: the network's part, and the time in the pool, are in them.",
        by: ["statement"],
        columns: [
          { title: "round trips/s", unit: "reqps", expr: ROUND_TRIPS },
          { title: "mean", unit: "s", expr: `${TIME} / ${ROUND_TRIPS}` },
          { title: "p50", unit: "s", expr: queryQuantile(0.5) },
          { title: "p95", unit: "s", expr: queryQuantile(0.95) },
          { title: "p99", unit: "s", expr: queryQuantile(0.99) },
          { title: "retried", unit: "percentunit", expr: `(${RETRIES} or 0 * ${ROUND_TRIPS}) / ${ROUND_TRIPS}` },
        ],
      }),
      lines(
        {
          title: "Round trips",
          description: "A second, failed ones and those of health checks included.",
          unit: "reqps",
          span: 12,
          queries: [[ROUND_TRIPS, "{{statement}}"]],
        },
        { isStacked: true },
      ),
      lines(
        {
          title: "Time in the database",
          description: "Seconds of waiting that each statement causes, a second: what to make faster first.",
          unit: "s",
          span: 12,
          queries: [[TIME, "{{statement}}"]],
        },
        { isStacked: true },
      ),
      ...[0.5, 0.95, 0.99].map((quantile) =>
        lines({
          title: `p${quantile * 100}`,
          description: `Time under which ${quantile * 100} % of a statement's round trips stay.`,
          unit: "s",
          span: 8,
          queries: [[queryQuantile(quantile), "{{statement}}"]],
        }),
      ),
    ],
    [
      "Failures",
      lines({
        title: "Errors",
        description:
          "Round trips that failed or were refused, by what they mean (docs/resilience.md). `conflict` and its like are clients' doing.",
        unit: "reqps",
        span: 12,
        queries: [[counterRate("db_errors_total", "kind"), "{{kind}}"]],
      }),
      lines({
        title: "Retries",
        description: "Statements that were sent again, a second.",
        unit: "reqps",
        span: 12,
        queries: [[RETRIES, "{{statement}}"]],
      }),
    ],
    [
      "Circuit breaker and load shedding",
      lines({
        title: "Isolates whose breaker is not closed",
        description: "By what they last said, within five minutes. Each isolate has a breaker of its own.",
        unit: "short",
        span: 8,
        queries: [[`sum by (state) (circuit_breaker_state{job=~"$job"})`, "{{state}}"]],
      }),
      lines({
        title: "Transitions of breakers",
        description: "A second, by from where to where.",
        unit: "cps",
        span: 8,
        queries: [[counterRate("circuit_breaker_transitions_total", "from, to"), "{{from}} to {{to}}"]],
      }),
      lines({
        title: "Load shedding",
        description:
          "Calls of the database that were refused at once because it had too much to do, a second. Clients see 503 with Retry-After.",
        unit: "reqps",
        span: 8,
        queries: [[counterRate("load_shedding_refused_total"), "refused"]],
      }),
    ],
  ],
});
