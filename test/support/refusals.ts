import { AppError } from "../../src/models/errors.ts";

/** The `AppError` with which a promise is refused; anything else is a failure of the test. */
export async function refusalOf(work: Promise<unknown>): Promise<AppError> {
  const outcome = await work.then(
    () => "fulfilled" as const,
    (error: unknown) => ({ error }),
  );
  if (outcome === "fulfilled") throw new Error("expected a refusal, but the call succeeded");
  if (!(outcome.error instanceof AppError)) throw new Error("expected an AppError", { cause: outcome.error });
  return outcome.error;
}

/** Every text that an error and its causes carry: name, message, stack and own properties, however nested. */
export function textsOf(error: unknown, seen: ReadonlySet<unknown> = new Set()): string[] {
  if (typeof error !== "object" || error === null) return [String(error)];
  if (seen.has(error)) return [];
  const visited = new Set(seen).add(error);
  const inherited = error instanceof Error ? [error.name, error.message, error.stack ?? "", error.cause] : [];
  return [...inherited, ...Object.values(error)].flatMap((value) => textsOf(value, visited));
}
