/**
 * Takes the place of `src/http/documented.ts` in the bundle (see `[alias]` in wrangler.toml): the bundler leaves out calls of an
 * empty function together with their arguments, hence all texts, responses and schemas that nothing but the document needs.
 */
export function documented(): void {}
