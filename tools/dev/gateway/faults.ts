interface FaultTrigger {
  /** How many matching requests it hits before it is spent; without it, until the faults are cleared. */
  readonly times?: number;
  /** Share of matching requests it hits, 0 to 1; 1 when absent. */
  readonly probability?: number;
  /** Hits only requests with a statement that contains this text, in either case. */
  readonly match?: string;
}

/** Something that goes wrong before the statement has run, or after it has been committed. */
export type RequestFault = FaultTrigger &
  (
    | { readonly kind: "reset"; readonly when: "before" | "after" }
    | { readonly kind: "slow"; readonly when: "before" | "after"; readonly delayMs: number }
    | {
        readonly kind: "http";
        readonly when?: "before" | "after";
        readonly status: number;
        readonly body: string;
        readonly contentType?: string;
      }
    | { readonly kind: "wake-up"; readonly status?: 400 | 500; readonly message?: string }
    | { readonly kind: "cut-body"; readonly how?: "truncate" | "disconnect" }
  );

/**
 * What can be made to go wrong. `refuse` closes the port and every connection for `durationMs`; `reset` drops the
 * connection; `http` answers with a status and body of choice (502 with HTML, 507, 200 with HTML); `wake-up` is a compute
 * that does not start; `cut-body` commits, then sends half of the answer, complete as HTTP or with a broken connection.
 */
export type Fault = RequestFault | { readonly kind: "refuse"; readonly durationMs: number };

interface Entry {
  readonly fault: RequestFault;
  left: number;
}

export interface FaultPlan {
  add(fault: RequestFault): void;
  clear(): void;
  /** The faults that hit a request with these SQL texts, in the order they were added; counts them as used. */
  take(texts: readonly string[]): RequestFault[];
}

/** Keeps the faults to inject; `random` returns 0 to 1. */
export function createFaultPlan({ random }: { random: () => number }): FaultPlan {
  let entries: Entry[] = [];
  return {
    add(fault) {
      entries.push({ fault, left: fault.times ?? Number.POSITIVE_INFINITY });
    },
    clear() {
      entries = [];
    },
    take(texts) {
      if (entries.length === 0) return [];
      const hits = entries.filter(({ fault }) => matches(fault, texts) && random() < (fault.probability ?? 1));
      for (const entry of hits) entry.left -= 1;
      entries = entries.filter((entry) => entry.left > 0);
      return hits.map((entry) => entry.fault);
    },
  };
}

/** Checks a fault that came as JSON; throws an Error that names what is wrong. */
export function parseFault(value: unknown): Fault {
  if (typeof value !== "object" || value === null) throw new Error("a fault must be an object");
  const fault: Record<string, unknown> = { ...value };
  const trigger = {
    ...pick(fault, "times", isCount),
    ...pick(fault, "probability", isShare),
    ...pick(fault, "match", isString),
  };
  switch (fault["kind"]) {
    case "refuse":
      return { kind: "refuse", durationMs: need(fault, "durationMs", isCount) };
    case "reset":
      return { ...trigger, kind: "reset", when: need(fault, "when", isMoment) };
    case "slow":
      return {
        ...trigger,
        kind: "slow",
        when: need(fault, "when", isMoment),
        delayMs: need(fault, "delayMs", isCount),
      };
    case "http": {
      const answer = { status: need(fault, "status", isStatus), body: need(fault, "body", isString) };
      return {
        ...trigger,
        kind: "http",
        ...answer,
        ...pick(fault, "when", isMoment),
        ...pick(fault, "contentType", isString),
      };
    }
    case "wake-up":
      return {
        ...trigger,
        kind: "wake-up",
        ...pick(fault, "status", isWakeUpStatus),
        ...pick(fault, "message", isString),
      };
    case "cut-body":
      return { ...trigger, kind: "cut-body", ...pick(fault, "how", isCut) };
    default:
      throw new Error("kind must be one of refuse, reset, slow, http, wake-up, cut-body");
  }
}

type Check<T> = (value: unknown) => value is T;

function need<T>(source: Record<string, unknown>, key: string, check: Check<T>): T {
  const value = source[key];
  if (!check(value)) throw new Error(`${key} is missing or invalid`);
  return value;
}

function pick<K extends string, T>(source: Record<string, unknown>, key: K, check: Check<T>): Partial<Record<K, T>> {
  const picked: Partial<Record<K, T>> = {};
  if (source[key] !== undefined) picked[key] = need(source, key, check);
  return picked;
}

const isString: Check<string> = (value) => typeof value === "string";
const isCount: Check<number> = (value): value is number => Number.isSafeInteger(value) && Number(value) >= 0;
const isShare: Check<number> = (value): value is number => typeof value === "number" && value >= 0 && value <= 1;
const isStatus: Check<number> = (value): value is number => isCount(value) && value >= 200 && value <= 599;
const isMoment: Check<"before" | "after"> = (value) => value === "before" || value === "after";
const isWakeUpStatus: Check<400 | 500> = (value) => value === 400 || value === 500;
const isCut: Check<"truncate" | "disconnect"> = (value) => value === "truncate" || value === "disconnect";

function matches({ match }: FaultTrigger, texts: readonly string[]): boolean {
  if (match === undefined) return true;
  const wanted = match.toLowerCase();
  return texts.some((text) => text.toLowerCase().includes(wanted));
}
