// What measuring costs a request, in Node alone: `node tools/telemetry/cost.ts`.
import { Metrics } from "../../src/observability/metrics.ts";

const HELP = `Usage: node tools/telemetry/cost.ts

Records requests as the API does (its own duration and one statement's, over a mix of routes and statuses) and tells
nanoseconds per request: the median and the fastest of several runs. Nothing is sent: delivery is outside of requests.`;

const ROUTES = ["/health", "/api/v1/users", "/api/v1/users/id/:id", "/api/v1/users/username/:username", null];
const METHODS = ["GET", "POST", "PATCH"];
const STATUSES = [200, 201, 404, 412];

/** Every request is one that the log tells of: it may become an exemplar. */
const TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736";

const RUNS = 15;
const REQUESTS = 1_000_000;

/** As in a Worker: one background, and whatever it is given goes nowhere. */
const BACKGROUND = { waitUntil: () => {} };

function createMetrics(): Metrics {
  return new Metrics({
    sink: { record: async () => "recorded" },
    version: { id: "local", tag: "" },
    clock: Date.now,
    sleep: () => new Promise(() => {}),
    onFailure: () => {},
  });
}

/** The same loop without metrics is the floor, which is taken off. */
function nanosecondsPerRequest(metrics: Metrics | null): number {
  const startedAt = process.hrtime.bigint();
  for (let n = 0; n < REQUESTS; n++) {
    const route = ROUTES[n % ROUTES.length] ?? null;
    const method = METHODS[n % METHODS.length] ?? "GET";
    const status = STATUSES[n % STATUSES.length] ?? 200;
    if (metrics !== null) {
      metrics.buffer.addStatement("users.find_by_id", n % 40, TRACE_ID, n);
      metrics.buffer.addRequest(method, route, status, n % 50, TRACE_ID, n);
      metrics.schedule(BACKGROUND);
    }
  }
  return Number(process.hrtime.bigint() - startedAt) / REQUESTS;
}

if (process.argv.includes("--help")) {
  console.log(HELP);
} else {
  const costs = Array.from(
    { length: RUNS },
    () => nanosecondsPerRequest(createMetrics()) - nanosecondsPerRequest(null),
  ).toSorted((a, b) => a - b);
  const [fastest = 0] = costs;
  const median = costs[Math.floor(RUNS / 2)] ?? 0;
  console.log(`${median.toFixed(0)} ns per request, ${fastest.toFixed(0)} in the fastest of ${RUNS} runs`);
}
