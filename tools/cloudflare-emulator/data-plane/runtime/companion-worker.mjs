// Runs beside every version, in the same process of the runtime: stands in for what Cloudflare provides around a Worker.
// NODE leads to the data plane; what a call is for stands in the header X-Emulator-Call.
import { WorkerEntrypoint } from "cloudflare:workers";

// Events of the version that are over, with all that they left to `waitUntil`.
let finished = 0;
let isTracing = false;

function call(env, name, value) {
  return env.NODE.fetch("http://data-plane.internal/", {
    method: "POST",
    headers: { "X-Emulator-Call": name, "X-Emulator-Version": env.VERSION_ID },
    body: JSON.stringify(value),
  });
}

/** A rate limit binding; its namespace, limit and period are the props. */
export class RateLimit extends WorkerEntrypoint {
  async limit({ key = "" } = {}) {
    if (typeof key !== "string") throw new TypeError("The key of a rate limit has to be a string");
    const response = await call(this.env, "limit", { ...this.ctx.props, key });
    return await response.json();
  }
}

/** A service binding; the other Worker's name is in the props. Calls of its methods (RPC) would be passed on here. */
export class Service extends WorkerEntrypoint {
  fetch(request) {
    const copy = new Request(request);
    copy.headers.set("X-Emulator-Call", "fetch");
    copy.headers.set("X-Emulator-Service", this.ctx.props.service);
    return this.env.NODE.fetch(copy);
  }
}

export default {
  /** Called by the data plane alone, over a socket of its own. */
  fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname === "/tracing/on") isTracing = true;
    if (pathname === "/tracing/off") isTracing = false;
    return Response.json({ finished });
  },

  async tail(events, env) {
    finished += events.length;
    if (isTracing) await call(env, "trace", events);
  },
};
