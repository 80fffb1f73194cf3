/**
 * Takes the place of `@asteasolutions/zod-to-openapi` in the bundle (see `[alias]` in wrangler.toml): routes still
 * register themselves, but the document is generated at build time, so its generators stay out.
 */
export {
  extendZodWithOpenApi,
  getOpenApiMetadata,
  OpenAPIRegistry,
} from "../../node_modules/@asteasolutions/zod-to-openapi/dist/index.mjs";

class GeneratorLeftOut {
  constructor() {
    throw new Error("The OpenAPI document is generated at build time: npm run openapi:generate");
  }
}

export { GeneratorLeftOut as OpenApiGeneratorV3, GeneratorLeftOut as OpenApiGeneratorV31 };
