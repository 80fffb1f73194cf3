import { UsageError } from "../../command/usage-error.ts";

/** The environments of `wrangler.toml` that can be released to. */
export const ENVIRONMENTS = ["staging", "production"] as const;
export type EnvironmentName = (typeof ENVIRONMENTS)[number];

export function parseEnvironmentName(text: string | undefined): EnvironmentName {
  const found = ENVIRONMENTS.find((name) => name === text);
  if (found !== undefined) return found;
  throw new UsageError(`--env must be ${ENVIRONMENTS.join(" or ")}${text === undefined ? "" : `, not "${text}"`}.`);
}

/** Production is not changed by accident: somebody has to be there to say yes, or has to have said it beforehand. */
export function assertConfirmable(options: {
  readonly env: EnvironmentName;
  readonly isConfirmed: boolean;
  readonly isInteractive: boolean;
}): void {
  if (options.env !== "production" || options.isConfirmed || options.isInteractive) return;
  throw new UsageError("Nobody is here to confirm a change of production: give --yes.");
}
