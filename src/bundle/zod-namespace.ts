export * from "../../node_modules/zod/v4/classic/schemas.js";
export * from "../../node_modules/zod/v4/classic/checks.js";
export * from "../../node_modules/zod/v4/classic/errors.js";
export * from "../../node_modules/zod/v4/classic/parse.js";
export { NEVER } from "zod/v4/core";
export * as iso from "../../node_modules/zod/v4/classic/iso.js";
