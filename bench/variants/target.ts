import type { Variant } from "./variant.ts";

/** A service that runs already, somewhere; it is asked the same, and takes care of its own database. */
export const targetVariant = (name: string, origin: string): Variant => ({
  name,
  title: `a running service at ${origin}`,
  serves: () => true,
  agreement: "status",
  start: () => Promise.resolve({ origin, pid: null, assertAlive: () => undefined, stop: () => Promise.resolve() }),
});
