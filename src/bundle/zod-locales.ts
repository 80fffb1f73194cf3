/** Takes the place of zod's index of translations in the bundle (see `[alias]` in wrangler.toml). */
export { default as en } from "zod/v4/locales/en.js";
