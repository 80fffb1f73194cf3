import { parseArgs } from "node:util";

import { UsageError } from "../command/usage-error.ts";

export const HELP = `Usage: npm run test:previous-release [-- --commit COMMIT]

During a release, and after a rollback, the previous version lives with the new schema. This builds it from the history,
lets it serve on a real PostgreSQL while this checkout's migrations are applied, and runs its own smoke test against it
before and after. Then this checkout is served on a schema that lacks its newest migration: it must not call itself ready.

The previous release is the last tag (v1.2.3) before what is checked out; without one, the commit before the oldest
migration that is not noted as released (migrations/released.json).

  --commit COMMIT  another one, by anything that git understands
  --help           this text

The last line counts the checks. PG_URL names a PostgreSQL server to use; without it, one is started.
Exit codes: 0 passed, 1 failed, 2 called wrongly, 75 no history to take a previous release from, 130 interrupted.
`;

export interface PreviousReleaseOptions {
  /** Null to look for the previous release. */
  readonly commit: string | null;
}

/** Reads the command line; null asks for the help text. @throws UsageError */
export function parseOptions(args: readonly string[]): PreviousReleaseOptions | null {
  const options = { commit: { type: "string" }, help: { type: "boolean", default: false } } as const;
  try {
    const { commit = null, help } = parseArgs({ args: [...args], options }).values;
    return help ? null : { commit };
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}
