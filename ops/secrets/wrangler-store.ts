import { z } from "zod";

import { explainFailure, isUnknownWorker } from "../../tools/release/cloudflare/wrangler-answers.ts";
import type { EnvironmentName } from "../desired-state.ts";
import { withSecretsFile } from "./secrets-file.ts";
import type { WorkerStore } from "./stores.ts";
import type { Wrangler } from "./wrangler.ts";

/** This command of wrangler has words of its own for it, without Cloudflare's code. */
const NOT_FOUND = /Worker "[^"]+"[^\n]* not found/;
const secretList = z.array(z.object({ name: z.string() }));

/**
 * Keeps the Worker's secrets at Cloudflare. A Worker that does not exist yet is deployed with them: `wrangler secret` would make
 * an empty one first, which a release could only replace.
 */
export function createWranglerStore(
  wrangler: Wrangler,
  address: (env: EnvironmentName) => Promise<string>,
  note: (text: string) => void,
): WorkerStore {
  return {
    place: "Cloudflare",
    address,
    async look(env) {
      const run = await wrangler.read(env, ["secret", "list", "--format", "json"]);
      if (run.exitCode !== 0 && (isUnknownWorker(run.output) || NOT_FOUND.test(run.output)))
        return { isDeployed: false, names: [] };
      if (run.exitCode !== 0) throw new Error(`wrangler secret list failed:\n${explainFailure(run.output, [])}`);
      return { isDeployed: true, names: secretList.parse(JSON.parse(run.stdout)).map(({ name }) => name) };
    },
    async keep(env, secrets, { isDeployed }) {
      const values = Object.values(secrets);
      if (isDeployed) {
        // A version that serves nobody yet: a release gives it traffic, and takes it back if it fails.
        await wrangler.change(env, ["versions", "secret", "bulk"], values, JSON.stringify(secrets));
        note(`The Worker of ${env} serves with them after: npm run release -- --env ${env}`);
        return;
      }
      await withSecretsFile(secrets, (file) => wrangler.change(env, ["deploy", `--secrets-file=${file}`], values));
    },
  };
}
