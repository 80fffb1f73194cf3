/**
 * Takes the place of `zod` in the bundle (see `[alias]` in wrangler.toml): the same schemas without the JSON Schema
 * converters, the compiler and the translations, which a namespace import would otherwise keep alive.
 */
export * as z from "./zod-namespace.ts";
