import { KNOWN_METHODS, OTHER } from "../../src/observability/metrics-batch.ts";

/** Labels whose values the API names, which this Worker does not know beforehand: a new route needs no release of telemetry. */
export type OpenLabel = "route" | "statement" | "kind" | "reason" | "version";

interface Rule {
  readonly pattern: RegExp;
  /** Values that one shard tells apart. */
  readonly max: number;
}

/** Path templates as the router has them, of words and parameters. What no template matched comes as `other`, never as a path. */
const ROUTE = /^(?=.{1,120}$)\/(?::?[a-z0-9._-]+(?:\/:?[a-z0-9._-]+)*)?$/i;
const NAME = /^[a-z][a-z0-9._-]{0,79}$/i;

const RULES: Readonly<Record<OpenLabel, Rule>> = {
  route: { pattern: ROUTE, max: 200 },
  statement: { pattern: NAME, max: 200 },
  kind: { pattern: NAME, max: 50 },
  reason: { pattern: NAME, max: 20 },
  version: { pattern: /^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$/, max: 100 },
};

/** Values that were seen before, wherever they are kept. */
export interface KnownValues {
  has(label: OpenLabel, value: string): boolean;
  count(label: OpenLabel): number;
  add(label: OpenLabel, value: string): void;
}

/** The value itself while it looks like one and there is room; else `other`. So the number of series has an end, whatever is sent. */
export function admitValue(known: KnownValues, label: OpenLabel, value: string): string {
  if (known.has(label, value)) return value;
  const { pattern, max } = RULES[label];
  if (!pattern.test(value) || known.count(label) >= max) return OTHER;
  known.add(label, value);
  return value;
}

const METHODS: ReadonlySet<string> = new Set(KNOWN_METHODS);
const BREAKER_STATES: ReadonlySet<string> = new Set(["closed", "open", "half-open"]);

export const admitMethod = (method: string): string => (METHODS.has(method) ? method : OTHER);

export const admitStatus = (status: number): string => (status >= 100 && status <= 599 ? String(status) : OTHER);

export const admitBreakerState = (state: string): string => (BREAKER_STATES.has(state) ? state : OTHER);
