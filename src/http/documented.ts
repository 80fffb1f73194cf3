/**
 * What only describes: it is there when the document is made, which is at build time, and in tests. In the Worker's bundle
 * `src/bundle/undocumented.ts` takes the place of this module (`[alias]` in wrangler.toml), and gives nothing instead.
 */
export function documented<Description>(describe: () => Description): Description {
  return describe();
}
