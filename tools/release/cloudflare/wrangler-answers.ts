import type { Deployment, Refusal } from "./control-plane.ts";
import { deploymentsSchema } from "./deployment-schema.ts";

/** Cloudflare's code for "no such Worker". */
const NOT_FOUND = /\[code: 10007\]/;

/** Cloudflare's code for "no such version". */
const UNKNOWN_VERSION = /\[code: 10404\]/;

/**
 * Its code for a script that failed validation, with the words for one that was too slow ("Script startup exceeded CPU time
 * limit.", "Script startup timed out."). One that throws at start-up has the same code and a message of its own.
 */
const STARTUP_LIMIT = /script startup (?:exceeded|timed out)[^[]*\[code: 10021\]/i;

/** Why Cloudflare has refused what wrangler was asked to do, if it is one of those that are told apart. */
export function findRefusal(output: string): Refusal | null {
  if (UNKNOWN_VERSION.test(output)) return "unknown-version";
  return STARTUP_LIMIT.test(output) ? "startup-limit" : null;
}

/** Whether wrangler has failed because the Worker was never deployed. */
export function isUnknownWorker(output: string): boolean {
  return NOT_FOUND.test(output);
}

/**
 * Reads `deployments list --json`, which is printed oldest first.
 * @throws Error when it is something else
 */
export function parseDeployments(stdout: string): readonly Deployment[] {
  return deploymentsSchema.parse(JSON.parse(stdout));
}

/** The id that `versions upload` reports; null when it reports none. */
export function findUploadedId(events: readonly unknown[]): string | null {
  const upload = events.find((event) => memberOf(event, "type") === "version-upload");
  const id = memberOf(upload, "version_id");
  return typeof id === "string" ? id : null;
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null
    ? Object.entries(value).find(([key]) => key === name)?.[1]
    : undefined;
}

const SHOWN_LINES = 12;
const SHOWN_LENGTH = 1_500;

/** The end of wrangler's output, where its error stands, without blank lines, stack traces and secrets. */
export function explainFailure(output: string, secrets: readonly string[]): string {
  const lines = output.split("\n").filter((line) => line.trim() !== "" && !/^\s+at .+[:(]/.test(line));
  const marked = lines.findIndex((line) => /\[ERROR\]/.test(line));
  const shown = lines.slice(marked === -1 ? -SHOWN_LINES : marked).slice(0, SHOWN_LINES);
  const text = shown
    .map((line) => line.trimEnd())
    .join("\n")
    .slice(0, SHOWN_LENGTH);
  return secrets.filter((secret) => secret !== "").reduce((safe, secret) => safe.replaceAll(secret, "***"), text);
}

/** How its process ended. */
export interface WranglerEnding {
  readonly exitCode: number;
  readonly endedBy: NodeJS.Signals | null;
  /** Whether it was ended because it took too long. */
  readonly isOverdue: boolean;
}

/** A last line of its output, when it did not end by itself. */
export function describeEnd({ endedBy, isOverdue }: WranglerEnding, maxRunMs: number): string {
  if (endedBy === null) return "";
  return `\nEnded by ${endedBy}${isOverdue ? `; the time limit is ${maxRunMs / 1000} s` : ""}.`;
}
