/**
 * Takes the place of `async_hooks` in the bundle (see `[alias]` in wrangler.toml): OpenFeature's SDK has a propagator of contexts that is made of
 * it, and that nothing here uses; a context is given with each question instead.
 */
export class AsyncLocalStorage {
  constructor() {
    throw new Error("The context of a flag is given with each question");
  }
}
