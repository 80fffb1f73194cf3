import { FLAG_FILE_KEY } from "../../src/flags/flag-file.ts";
import { explainFailure } from "../release/cloudflare/wrangler-answers.ts";
import { runWrangler, type WranglerRun } from "../release/cloudflare/wrangler-process.ts";
import type { Environment } from "../release/command/environment.ts";
import type { FlagPlace } from "./options.ts";

/** The flag file of one place. */
export interface FlagFileStore {
  /** Null when there is none yet. @throws Error with wrangler's own words */
  read(): Promise<string | null>;
  /** @throws Error with wrangler's own words */
  write(text: string): Promise<void>;
}

export interface FlagFileStoreOptions {
  readonly place: FlagPlace;
  /** The folder with `wrangler.toml`. */
  readonly root: string;
  readonly environment: Environment;
  readonly signal: AbortSignal;
}

/** What wrangler says for a key that is not there: of the local namespace on its output, of a deployed one as its error. */
const NOT_FOUND_HERE = "Value not found";
const NOT_FOUND_THERE = /Failed to fetch \S+\/values\/\S+ - 404/;

/** Reads and writes by the pinned wrangler, which knows where the namespace of a binding is. */
export function openFlagFileStore({ place, root, environment, signal }: FlagFileStoreOptions): FlagFileStore {
  const access = place.kind === "deployed" ? place.access : NO_ACCESS;
  const where =
    place.kind === "deployed" ? ["--remote", "--env", place.env] : ["--local", "--persist-to", place.persistTo];
  const call = async (words: readonly string[], isRead: boolean): Promise<WranglerRun> => {
    const args = ["kv", "key", ...words, "--binding", "FLAGS", ...where];
    return await runWrangler(
      args,
      { cwd: root, environment, ...access },
      { isRead, signal: isRead ? signal : undefined },
    );
  };
  const explain = ({ output }: WranglerRun, what: string): Error =>
    new Error(`the flags cannot be ${what}:\n${explainFailure(output, [access.apiToken])}`);
  return {
    async read() {
      const run = await call(["get", FLAG_FILE_KEY], true);
      if (run.exitCode !== 0 && NOT_FOUND_THERE.test(run.output)) return null;
      if (run.exitCode !== 0) throw explain(run, "read");
      const text = run.stdout.trim();
      return text === NOT_FOUND_HERE ? null : text;
    },
    async write(text) {
      const run = await call(["put", FLAG_FILE_KEY, text], false);
      if (run.exitCode !== 0) throw explain(run, "written");
    },
  };
}

/** Of the local namespace nobody is asked. */
const NO_ACCESS = { apiBaseUrl: "http://127.0.0.1:9", apiToken: "", accountId: "" };
