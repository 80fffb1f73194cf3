import { createRoute, z, type OpenAPIHono } from "@hono/zod-openapi";

import { API_VERSION } from "./api-version.ts";
import type { AppEnv } from "./context.ts";
import { documented } from "./documented.ts";
import { jsonResponse, problemResponses } from "./openapi.ts";
import { addOperation } from "./operation.ts";
import { respondJson } from "./respond.ts";
import { noQuery } from "./validation.ts";

const rootSchema = documented(() =>
  z
    .strictObject({
      name: z.string().openapi({ description: "Name of the service.", example: "users-api" }),
      version: z.string().openapi({ description: "Version of the API contract.", example: API_VERSION }),
      links: z
        .strictObject({
          documentation: z.string().openapi({ description: "Reference page." }),
          openapi: z.string().openapi({ description: "OpenAPI document." }),
          health: z.string().openapi({ description: "Health of the service." }),
          users: z.string().openapi({ description: "The users." }),
        })
        .openapi({ description: "Where to go next." }),
    })
    .openapi("Root", { description: "What this service is." }),
);

const rootRoute = createRoute({
  method: "get",
  path: "/",
  request: { query: noQuery },
  ...documented(() => ({
    operationId: "getRoot",
    summary: "About this service",
    description: "Names the service and links to its documentation.",
    tags: ["Documentation"],
    security: [],
    responses: {
      200: jsonResponse(rootSchema, "What this service is.", { examples: ["root"] }),
      ...problemResponses(["validation-failed", "internal-error"]),
    },
  })),
});

const LINKS = { documentation: "/docs", openapi: "/openapi.json", health: "/health", users: "/api/v1/users" };

export function registerRoot(app: OpenAPIHono<AppEnv>): void {
  addOperation(app, rootRoute, (c) => respondJson(c, 200, { name: "users-api", version: API_VERSION, links: LINKS }));
}
