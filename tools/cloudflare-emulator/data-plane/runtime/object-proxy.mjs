import { DurableObject } from "cloudflare:workers";

import { ask, withMethods } from "./companion-calls.mjs";

/** A class of Durable Objects that live in another process: what they are asked is handed on, by their ids. */
export function objectProxy(namespaceId) {
  const find = async ({ env, ctx }) => {
    const { debugPort, service, className } = await ask(env, "object", { namespaceId });
    return env.DEBUG_PORT.connect(debugPort).getActor(service, className, ctx.id.toString());
  };
  return class extends DurableObject {
    constructor(context, env) {
      super(context, env);
      return withMethods(this, async (method, args) => await (await find(this))[method](...args));
    }

    async fetch(request) {
      return await (await find(this)).fetch(request);
    }
  };
}
