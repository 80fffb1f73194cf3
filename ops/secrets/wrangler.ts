import { explainFailure } from "../../tools/release/cloudflare/wrangler-answers.ts";
import {
  runWrangler,
  type WranglerOptions,
  type WranglerRun,
} from "../../tools/release/cloudflare/wrangler-process.ts";

/** The pinned wrangler, for one environment of wrangler.toml at a time. */
export interface Wrangler {
  /** What changes nothing; ends with the signal. Failures are the caller's to judge. */
  read(env: string, args: readonly string[]): Promise<WranglerRun>;
  /**
   * What changes something; it is left to finish.
   * @param secrets values that must not be shown
   * @throws Error with wrangler's own words
   */
  change(env: string, args: readonly string[], secrets: readonly string[], input?: string): Promise<WranglerRun>;
}

export function createWrangler(options: WranglerOptions, signal: AbortSignal): Wrangler {
  return {
    async read(env, args) {
      const run = await runWrangler([...args, "--env", env], options, { isRead: true, signal });
      signal.throwIfAborted();
      return run;
    },
    async change(env, args, secrets, input) {
      const end = { isRead: false, ...(input === undefined ? {} : { input }) };
      const run = await runWrangler([...args, "--env", env], options, end);
      if (run.exitCode === 0) return run;
      const words = explainFailure(run.output, [options.apiToken, ...secrets]);
      throw new Error(`wrangler ${args.slice(0, 2).join(" ")} failed:\n${words}`);
    },
  };
}

/** A member of the first event of a type that wrangler reports for scripts. */
export function eventOf(run: WranglerRun, type: string): ReadonlyMap<string, unknown> {
  for (const event of run.events) {
    const members = new Map<string, unknown>(typeof event === "object" && event !== null ? Object.entries(event) : []);
    if (members.get("type") === type) return members;
  }
  return new Map();
}
