import { buildWorkerOnce } from "../../tools/dev/worker/build-worker-once.ts";
import { ROOT } from "../../tools/process/run-script.ts";

/** The built Worker of an environment of `wrangler.toml`: from a run or a test file before, as long as it is the same. */
export const buildApi = (env?: string): Promise<string> => buildWorkerOnce(ROOT, env);
