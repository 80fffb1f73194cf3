import { FLAG_NAMES } from "../models/feature-flag.ts";
import { describeError, type Logger, type LogLevel } from "../observability/logger.ts";
import type { FlagFileChange } from "./kv-flag-source.ts";

const LEVELS: Readonly<Record<FlagFileChange["outcome"], LogLevel>> = {
  loaded: "info",
  absent: "info",
  invalid: "error",
  unreachable: "warn",
};

/** Writes what is new about the flag file: what it says of the flags of this version, or why it says nothing. */
export function logFlagFile(logger: Logger, { outcome, flags, finding, error }: FlagFileChange): void {
  const known = FLAG_NAMES.flatMap((name) => {
    const state = flags.get(name);
    return state === undefined ? [] : [[name, state] as const];
  });
  logger.log(LEVELS[outcome], "flag_file", {
    outcome,
    flags: Object.fromEntries(known),
    ...(finding === null ? {} : { finding }),
    ...(error === null ? {} : { error: describeError(error) }),
  });
}
