import { env } from "cloudflare:workers";

import { startWorker, type RpcBindings } from "./worker.ts";

declare global {
  namespace Cloudflare {
    interface Env extends RpcBindings {}
  }
}

export default startWorker(env);
