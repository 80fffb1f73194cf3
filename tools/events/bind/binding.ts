import type { ServiceBinding } from "../../bindings/service-binding.ts";

/** What the API's binding to the events Worker is called, and where it leads to, as `events/wrangler.toml` has it. */
export const EVENTS_BINDING: ServiceBinding = {
  binding: "EVENTS",
  entrypoint: "EventsDispatcher",
  workerOf: (env) => `users-api-events-${env}`,
};
