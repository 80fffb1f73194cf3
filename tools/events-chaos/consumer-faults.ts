/** How the queue's consumer can fail. */
export const CONSUMER_FAULTS = ["throws-before", "throws-after", "loses", "abandons"] as const;

export type ConsumerFault = (typeof CONSUMER_FAULTS)[number];

/**
 * A module around the real Worker's, `./events.mjs`, whose consumer fails when told: before the work, after it, by forgetting the messages, or by
 * breaking off while the work goes on. Its own address takes faults and nudges; the latter go on over RPC, as those of the API do.
 */
export const CONSUMER_SOURCE = `import worker from "./events.mjs";
export * from "./events.mjs";
const faults = [];
export default {
  ...worker,
  async queue(batch, env, context) {
    const fault = faults.shift();
    if (fault === "throws-before") throw new Error("the consumer fails");
    if (fault === "loses") return batch.ackAll();
    const work = worker.queue(batch, env, context);
    if (fault === "abandons") { context.waitUntil(work.catch(() => {})); throw new Error("the consumer is gone"); }
    await work;
    if (fault === "throws-after") throw new Error("the consumer fails late");
  },
  async fetch(request, env) {
    const { pathname } = new URL(request.url);
    if (pathname === "/nudge") await env.SELF.nudge();
    if (pathname === "/fault") faults.push(await request.text());
    return new Response(null, { status: 204 });
  },
};`;
