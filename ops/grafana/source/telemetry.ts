import { page } from "./page.ts";
import { lines, stat } from "./panels.ts";
import { counterRate } from "./promql.ts";

const UP = `up{job=~"$job"}`;

/** Whether the other dashboards can be believed. */
export const telemetry = page({
  uid: "users-api-telemetry",
  title: "users-api / Telemetry",
  description: "Are the metrics themselves whole? Look here when the other dashboards are empty, or too good.",
  rows: [
    [
      "Scrapes",
      stat(
        {
          title: "Targets that do not answer",
          description:
            "/metrics answers 401 and 403 to a wrong token, and 503 while a shard is being reset: then Prometheus has a gap, and counters none.",
          unit: "short",
          span: 6,
          queries: [[`count(${UP} == 0) or vector(0)`, "down"]],
        },
        [1, 1],
      ),
      stat(
        {
          title: "Lost measurements",
          description:
            "That the API knows of, in the time shown. What an isolate had not delivered when it ended abruptly is not among them.",
          unit: "short",
          span: 6,
          queries: [[`sum(increase(telemetry_lost_measurements_total{job=~"$job"}[$__range])) or vector(0)`, "lost"]],
        },
        [1, 1_000],
      ),
      stat(
        {
          title: "Series",
          description:
            "Samples in one scrape. Their number has an end, whatever clients send; near 10,000 look at which label grew.",
          unit: "short",
          span: 6,
          queries: [[`sum(scrape_samples_scraped{job=~"$job"})`, "samples"]],
        },
        [10_000, 50_000],
      ),
      stat(
        {
          title: "Counters set back",
          description:
            "In the time shown. Sums never fall but for a version that is forgotten after 30 days, and in development: an object's storage was lost.",
          unit: "short",
          span: 6,
          queries: [[`sum(resets(load_shedding_refused_total{job=~"$job"}[$__range]))`, "resets"]],
        },
        [1, 2],
      ),
      lines({
        title: "Time of a scrape",
        description:
          "Four objects are asked each time. A scrape that takes as long as Prometheus waits (10 s) is a gap.",
        unit: "s",
        span: 12,
        queries: [[`scrape_duration_seconds{job=~"$job"}`, "{{job}} {{instance}}"]],
      }),
      lines({
        title: "Samples of a scrape",
        description: "Grows with routes, statuses and versions.",
        unit: "short",
        span: 12,
        queries: [[`scrape_samples_scraped{job=~"$job"}`, "{{job}} {{instance}}"]],
      }),
    ],
    [
      "Delivery",
      lines({
        title: "Measurements lost",
        description: "A second, by why: `expired` waited for half an hour, `refused` was no batch to telemetry.",
        unit: "cps",
        span: 12,
        queries: [[counterRate("telemetry_lost_measurements_total", "reason"), "{{reason}}"]],
      }),
      lines({
        title: "Versions that are counted",
        description: "In all of the last 30 days; a hundred are told apart.",
        unit: "short",
        span: 12,
        queries: [[`count(count by (job, version_id) (http_requests_total{job=~"$job"}))`, "versions"]],
      }),
    ],
  ],
});
