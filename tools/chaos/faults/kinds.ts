import type { Fault } from "../../dev/gateway/index.ts";

/** In every text that a fault makes the database's side say: no client may ever see it. */
export const LEAK_MARK = "chaos-leak-mark";

/** Longer than the deadline of a request (5 s), so that nobody waits for it. */
const TOO_LONG_MS = 7_000;
const A_WHILE_MS = 300;

const HTML = { contentType: "text/html" } as const;
const JSON_TYPE = { contentType: "application/json" } as const;
const page = (title: string): string => `<html><title>${title}</title><body>${LEAK_MARK}</body></html>`;
const problem = (fields: Readonly<Record<string, unknown>>): string =>
  JSON.stringify({ message: `${LEAK_MARK}: terminating connection due to administrator command`, ...fields });

/** What goes wrong between the Worker and the database, each once; the gateway's faults say what they do. */
export const FAULT_KINDS = {
  refused: { kind: "refuse", durationMs: 150 },
  "reset before": { kind: "reset", when: "before" },
  "reset after": { kind: "reset", when: "after" },
  "slow before": { kind: "slow", when: "before", delayMs: A_WHILE_MS },
  "slow after": { kind: "slow", when: "after", delayMs: A_WHILE_MS },
  "too slow before": { kind: "slow", when: "before", delayMs: TOO_LONG_MS },
  "too slow after": { kind: "slow", when: "after", delayMs: TOO_LONG_MS },
  "slow body": { kind: "slow-body", delayMs: A_WHILE_MS },
  "body too slow": { kind: "slow-body", delayMs: TOO_LONG_MS },
  "cut body": { kind: "cut-body", how: "truncate" },
  "broken body": { kind: "cut-body", how: "disconnect" },
  "400 without code": { kind: "http", status: 400, body: problem({ code: "" }), ...JSON_TYPE },
  "400 with code 57P01": {
    kind: "http",
    status: 400,
    body: problem({ code: "57P01", severity: "FATAL" }),
    ...JSON_TYPE,
  },
  "400 with code 53300": {
    kind: "http",
    status: 400,
    body: problem({ code: "53300", severity: "FATAL" }),
    ...JSON_TYPE,
  },
  "400 after": { kind: "http", status: 400, when: "after", body: problem({ code: "" }), ...JSON_TYPE },
  "413": { kind: "http", status: 413, body: problem({}), ...JSON_TYPE },
  "507 after": { kind: "http", status: 507, when: "after", body: problem({}), ...JSON_TYPE },
  "500 before": { kind: "http", status: 500, body: problem({ code: "" }), ...JSON_TYPE },
  "500 after": { kind: "http", status: 500, when: "after", body: problem({ code: "" }), ...JSON_TYPE },
  "wake-up fails": { kind: "wake-up", message: `${LEAK_MARK}: compute is unavailable` },
  "wake-up refused": { kind: "wake-up", status: 400, message: `${LEAK_MARK}: endpoint is disabled` },
  "502 page": { kind: "http", status: 502, body: page("Bad gateway"), ...HTML },
  "502 page after": { kind: "http", status: 502, when: "after", body: page("Bad gateway"), ...HTML },
  "503 page": { kind: "http", status: 503, body: page("Service unavailable"), ...HTML },
  "504 page after": { kind: "http", status: 504, when: "after", body: page("Gateway time-out"), ...HTML },
  "200 page": { kind: "http", status: 200, body: page("Hello"), ...HTML },
  "200 page after": { kind: "http", status: 200, when: "after", body: page("Hello"), ...HTML },
  "wrong JSON": { kind: "http", status: 200, body: JSON.stringify({ greeting: LEAK_MARK }), ...JSON_TYPE },
  "wrong JSON after": { kind: "http", status: 200, when: "after", body: JSON.stringify([LEAK_MARK]), ...JSON_TYPE },
} as const satisfies Readonly<Record<string, Fault>>;

export type FaultName = keyof typeof FAULT_KINDS;

export const FAULT_NAMES: readonly FaultName[] = Object.keys(FAULT_KINDS).filter((name) => isFaultName(name));

function isFaultName(name: string): name is FaultName {
  return Object.hasOwn(FAULT_KINDS, name);
}
