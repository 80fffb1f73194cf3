import { env } from "cloudflare:workers";

import { startWorker } from "./worker.ts";

export default startWorker(env);
