import type { SmokeClient } from "./client.ts";
import type { TestUsers } from "./test-users.ts";

/** What a check works with. */
export interface CheckContext {
  readonly client: SmokeClient;
  readonly users: TestUsers;
}

/** One expectation of the deployment; `run` throws when it is not met. */
export interface Check {
  readonly name: string;
  /** Left out of read-only runs, though a correct deployment might refuse the request anyway. */
  readonly mayWrite?: boolean;
  /** @throws CheckFailure saying what was expected and seen */
  run(context: CheckContext): Promise<void>;
}

/** Marks a whole group of checks as sending requests that may write. */
export function writing(checks: readonly Check[]): readonly Check[] {
  return checks.map((check) => ({ ...check, mayWrite: true }));
}
