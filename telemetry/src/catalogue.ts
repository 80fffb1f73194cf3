/** A family of series as Prometheus is told of it. */
export interface Family {
  /** Without `_total`, which the sample of a counter adds. */
  readonly name: string;
  readonly type: "counter" | "gauge" | "histogram";
  readonly help: string;
  readonly labels: readonly string[];
}

const REQUEST_LABELS = ["method", "route", "status", "version_id", "version_tag"] as const;

/** Everything that `/metrics` tells, in its order. */
export const CATALOGUE = {
  requests: {
    name: "http_requests",
    type: "counter",
    help: "Requests that were answered.",
    labels: REQUEST_LABELS,
  },
  requestDurations: {
    name: "http_request_duration_seconds",
    type: "histogram",
    help: "Time from a request's arrival at the Worker to its answer.",
    labels: REQUEST_LABELS,
  },
  queryDurations: {
    name: "db_query_duration_seconds",
    type: "histogram",
    help: "Time of one round trip to the database, failed ones included.",
    labels: ["statement"],
  },
  queryErrors: {
    name: "db_errors",
    type: "counter",
    help: "Round trips to the database that failed or were refused, by what they mean.",
    labels: ["kind"],
  },
  retries: {
    name: "db_retries",
    type: "counter",
    help: "Statements that were sent again.",
    labels: ["statement"],
  },
  breakerTransitions: {
    name: "circuit_breaker_transitions",
    type: "counter",
    help: "Changes of the circuit breaker's state, of all isolates.",
    labels: ["from", "to"],
  },
  breakerState: {
    name: "circuit_breaker_state",
    type: "gauge",
    help: "Isolates whose circuit breaker was in this state when they last said so, within five minutes.",
    labels: ["state"],
  },
  shed: {
    name: "load_shedding_refused",
    type: "counter",
    help: "Calls of the database that were refused because it had too much to do.",
    labels: [],
  },
  lost: {
    name: "telemetry_lost_measurements",
    type: "counter",
    help: "Measurements that the API knows to be lost.",
    labels: ["reason"],
  },
} as const satisfies Readonly<Record<string, Family>>;
