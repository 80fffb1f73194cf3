import * as platform from "cloudflare:workers";

import { startWorker } from "./worker.ts";

// By the namespace: a name that the runtime does not have would keep the Worker from starting.
export default startWorker(platform.env, "tracing" in platform ? platform.tracing : null);
