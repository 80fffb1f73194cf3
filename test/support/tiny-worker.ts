import type { WranglerProject } from "./wrangler-cli.ts";

/** Name of the deployed Worker: `tiny` with `--env production`. */
export const TINY_WORKER = "tiny-production";

const CONFIG = `
name = "tiny"
main = "src/index.js"
compatibility_date = "2026-08-15"

[env.production]
name = "${TINY_WORKER}"
workers_dev = true
preview_urls = true
version_metadata = { binding = "META" }
vars = { GREETING = "hello" }
triggers = { crons = ["17 * * * *"] }
assets = { directory = "public", binding = "ASSETS", run_worker_first = ["/api"] }

[[env.production.ratelimits]]
name = "LIMITER"
namespace_id = "1001"
simple = { limit = 3, period = 60 }
`;

/** Tells at /api what it is and what it was given. */
const SOURCE = `
const NAME = "{{name}}";
export default {
  async fetch(request, env) {
    const { success } = await env.LIMITER.limit({ key: request.headers.get("x-caller") ?? crypto.randomUUID() });
    console.log("answering", NAME);
    return Response.json({ name: NAME, greeting: env.GREETING, token: env.TOKEN ?? null, meta: env.META, success });
  },
  async scheduled({ cron }) { console.log("cron", cron); },
};
`;

/** Writes a Worker that calls itself `name`, with a variable, a rate limit, its metadata, a cron trigger and an asset. */
export function writeTinyWorker(project: WranglerProject, name: string): void {
  project.write("wrangler.toml", CONFIG);
  project.write("src/index.js", SOURCE.replace("{{name}}", name));
  project.write(`public/${name}.txt`, `asset of ${name}`);
}

/** Makes the Worker one that cannot start. */
export function breakTinyWorker(project: WranglerProject): void {
  project.write("src/index.js", 'export default { fetch() {} };\nthrow new Error("broken on purpose");\n');
}
