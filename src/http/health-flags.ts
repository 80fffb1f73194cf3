import { createRoute, z, type OpenAPIHono } from "@hono/zod-openapi";

import type { FeatureFlags } from "../flags/feature-flags.ts";
import { formatTimestamp } from "../observability/timestamp.ts";
import type { AppEnv } from "./context.ts";
import { documented } from "./documented.ts";
import { jsonResponse, problemResponses } from "./openapi.ts";
import { addOperation } from "./operation.ts";
import { respondJson } from "./respond.ts";
import { noQuery } from "./validation.ts";

/** Far more flags than a service should have. */
const MAX_FLAGS = 50;

const flagSchema = documented(() =>
  z
    .strictObject({
      name: z.string().openapi({ description: "Name of the flag.", maxLength: 64, pattern: "^[a-z][a-z0-9-]*$" }),
      state: z.string().openapi({
        description: "`on`, `off`, or the share of the callers for whom it is on.",
        maxLength: 4,
        pattern: "^(on|off|(100|[1-9]?[0-9])%)$",
        example: "25%",
      }),
      is_default: z.boolean().openapi({ description: "Whether the flag file does not name it." }),
    })
    .openapi("FeatureFlag", { description: "A feature flag as it is now." }),
);

const flagsSchema = documented(() =>
  z
    .strictObject({
      timestamp: z.string().openapi({
        description: "When this was found.",
        format: "date-time",
        maxLength: 24,
        example: "2026-01-31T12:00:00.000Z",
      }),
      file: z.enum(["loaded", "absent", "invalid", "unreachable", "unread"]).openapi({
        description: "What became of the flag file. Unless it was loaded, defaults hold.",
      }),
      age_ms: z
        .union([z.int().min(0).max(2_147_483_647).openapi({ format: "int32" }), z.null()])
        .openapi({ description: "Age of what is known of the file, in milliseconds; null when nothing is." }),
      flags: z.array(flagSchema).max(MAX_FLAGS).openapi({ description: "Every flag of this version." }),
    })
    .openapi("FeatureFlags", { description: "The feature flags as the isolate that answers knows them." }),
);

const flagsRoute = createRoute({
  method: "get",
  path: "/health/flags",
  request: { query: noQuery },
  ...documented(() => ({
    operationId: "getFlags",
    summary: "Feature flags",
    description:
      "Tells what each feature flag says, for operators. Every isolate keeps what it read for some seconds, so that answers can differ for as long after a change. Always 200: without flags the service works, by their defaults.",
    tags: ["Health"],
    security: [],
    responses: {
      200: jsonResponse(flagsSchema, "The flags.", { examples: ["flags"] }),
      ...problemResponses(["validation-failed", "internal-error"]),
    },
  })),
});

interface FlagHealthOptions {
  readonly flags: Pick<FeatureFlags, "report">;
}

/** What the flags say now; open to all, as the other probes are, for it tells nothing of callers. */
export function registerFlagHealth(app: OpenAPIHono<AppEnv>, { flags }: FlagHealthOptions): void {
  addOperation(app, flagsRoute, async (c) => {
    const report = await flags.report(c.env.background);
    return respondJson(c, 200, {
      timestamp: formatTimestamp(Date.now()),
      file: report.file,
      age_ms: report.ageMs,
      flags: report.flags.map(({ name, state, isDefault }) => ({
        name,
        state,
        is_default: isDefault,
      })),
    });
  });
}
