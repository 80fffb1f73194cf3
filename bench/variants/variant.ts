import type { Scenario } from "../scenarios/scenario.ts";

/** A service while it runs. */
export interface VariantServer {
  /** Without a slash at its end. */
  readonly origin: string;
  /** Of a second Worker in the same process; null or absent without one. */
  readonly companionOrigin?: string | null;
  /** Null when it is not ours. */
  readonly pid: number | null;
  /** Throws when it has ended by itself. */
  assertAlive(): void;
  stop(): Promise<void>;
}

/** One of the services that are compared. */
export interface Variant {
  readonly name: string;
  readonly title: string;
  /** Whether it answers what the scenario asks for. */
  readonly serves: (scenario: Scenario) => boolean;
  /** What has to agree with the API's answer: status and body, the body of successes only, the status alone, or nothing. */
  readonly agreement: "body" | "success" | "status" | "none";
  /** Starts a fresh process of it. */
  readonly start: () => Promise<VariantServer>;
}
