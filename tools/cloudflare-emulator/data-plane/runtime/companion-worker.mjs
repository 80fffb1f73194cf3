// Runs beside every version, in the same process of the runtime: stands in for what Cloudflare provides around a Worker.
import { WorkerEntrypoint } from "cloudflare:workers";

import { ask, call, withMethods } from "./companion-calls.mjs";

// Events of the version that are over, with all that they left to `waitUntil`.
let finished = 0;
let isTracing = false;

/** A rate limit binding; its namespace, limit and period are the props. */
export class RateLimit extends WorkerEntrypoint {
  async limit({ key = "" } = {}) {
    if (typeof key !== "string") throw new TypeError("The key of a rate limit has to be a string");
    const response = await call(this.env, "limit", { ...this.ctx.props, key });
    return await response.json();
  }
}

/** The service behind a KV binding; its namespace is in the props. The runtime asks by requests, which are handed on as they are. */
export class KvNamespace extends WorkerEntrypoint {
  async fetch(request) {
    const copy = new Request(request);
    copy.headers.set("X-Emulator-Call", "kv");
    copy.headers.set("X-Emulator-Namespace", this.ctx.props.namespaceId);
    return await this.env.NODE.fetch(copy);
  }
}

/** The service behind a queue's producer binding; the queue and the binding's own delay are in the props. */
export class QueueProducer extends WorkerEntrypoint {
  async fetch(request) {
    const copy = new Request(request);
    copy.headers.set("X-Emulator-Call", "queue");
    copy.headers.set("X-Emulator-Queue", this.ctx.props.queueName);
    if (this.ctx.props.delayS !== null) copy.headers.set("X-Emulator-Delay", String(this.ctx.props.delayS));
    return await this.env.NODE.fetch(copy);
  }
}

async function callService(env, { service, entrypoint }, method, args) {
  const target = await ask(env, "rpc-begin", { service });
  try {
    const peer = env.DEBUG_PORT.connect(target.debugPort);
    const result = await peer.getEntrypoint(target.service, entrypoint ?? undefined)[method](...args);
    if (target.isAnswerLost) throw new Error("Network connection lost.");
    return result;
  } finally {
    await call(env, "rpc-end", { call: target.call });
  }
}

/**
 * A service binding; the other Worker's name and its entrypoint are in the props. Methods are called in the other workerd itself, of
 * the version that the data plane picks for the call, and which it keeps until it hears of the end.
 */
export class Service extends WorkerEntrypoint {
  constructor(context, env) {
    super(context, env);
    return withMethods(this, (method, args) => callService(env, context.props, method, args));
  }

  async fetch(request) {
    if (this.ctx.props.entrypoint !== null) return await callService(this.env, this.ctx.props, "fetch", [request]);
    const copy = new Request(request);
    copy.headers.set("X-Emulator-Call", "fetch");
    copy.headers.set("X-Emulator-Service", this.ctx.props.service);
    return await this.env.NODE.fetch(copy);
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
