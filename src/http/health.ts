import { createRoute, z, type OpenAPIHono } from "@hono/zod-openapi";

import { formatTimestamp } from "../observability/timestamp.ts";
import type { HealthReport, HealthService } from "../services/health-service.ts";
import type { AppContext, AppEnv } from "./context.ts";
import { documented } from "./documented.ts";
import { jsonResponse, problemResponses } from "./openapi.ts";
import { addOperation } from "./operation.ts";
import { respondJson } from "./respond.ts";
import { noQuery } from "./validation.ts";

const timestamp = documented(() =>
  z.string().openapi({ format: "date-time", description: "When this was found.", example: "2026-01-31T12:00:00.000Z" }),
);

const livenessSchema = documented(() =>
  z
    .strictObject({ status: z.literal("ok").openapi({ description: "The Worker runs." }), timestamp })
    .openapi("Liveness", { description: "Whether the Worker runs." }),
);

const reportSchema = <Status extends string>(name: string, status: Status) =>
  z
    .strictObject({
      status: z.literal(status).openapi({ description: "The result in a word." }),
      timestamp,
      checks: z.record(z.string(), z.enum(["healthy", "unhealthy"])).openapi({ description: "Result of each check." }),
    })
    .openapi(name, { description: "Results of health checks." });

/** Paths of each probe: the short one, and its twin below `/health`. */
const LIVENESS = { getHealth: "/health", getLiveness: "/health/live" } as const;
const READINESS = { getReady: "/ready", getReadiness: "/health/ready" } as const;

const livenessRoute = (operationId: string, path: string) =>
  createRoute({
    method: "get",
    path,
    request: { query: noQuery },
    ...documented(() => ({
      operationId,
      summary: "Liveness",
      description: "Tells that the Worker runs. Never touches the database.",
      tags: ["Health"],
      security: [],
      responses: {
        200: jsonResponse(livenessSchema, "The Worker runs.", { examples: ["live"] }),
        ...problemResponses(["validation-failed", "internal-error"]),
      },
    })),
  });

const readinessRoute = (operationId: string, path: string) =>
  createRoute({
    method: "get",
    path,
    request: { query: noQuery },
    ...documented(() => ({
      operationId,
      summary: "Readiness",
      description: "Tells whether the database answers, within a bounded time.",
      tags: ["Health"],
      security: [],
      responses: {
        200: jsonResponse(reportSchema("Ready", "ready"), "All checks passed.", { examples: ["ready"] }),
        503: jsonResponse(reportSchema("NotReady", "not_ready"), "A check failed.", { examples: ["not-ready"] }),
        ...problemResponses(["validation-failed", "internal-error"]),
      },
    })),
  });

const startupRoute = createRoute({
  method: "get",
  path: "/health/startup",
  request: { query: noQuery },
  ...documented(() => ({
    operationId: "getStartup",
    summary: "Start-up",
    description: "Tells whether the configuration is valid and the database is migrated far enough for this version.",
    tags: ["Health"],
    security: [],
    responses: {
      200: jsonResponse(reportSchema("Started", "started"), "All checks passed.", { examples: ["started"] }),
      503: jsonResponse(reportSchema("NotStarted", "not_started"), "A check failed.", { examples: ["not-started"] }),
      ...problemResponses(["validation-failed", "internal-error"]),
    },
  })),
});

export interface HealthOptions {
  readonly health: HealthService;
  /** Milliseconds that a probe waits for the database. */
  readonly probeTimeoutMs: number;
}

/** Probes for load balancers, release tools and people; open to all, outside limits. */
export function registerHealth(app: OpenAPIHono<AppEnv>, { health, probeTimeoutMs }: HealthOptions): void {
  for (const [operationId, path] of Object.entries(LIVENESS)) {
    addOperation(app, livenessRoute(operationId, path), (c) => respondJson(c, 200, { status: "ok", ...stamp() }));
  }
  for (const [operationId, path] of Object.entries(READINESS)) {
    addOperation(app, readinessRoute(operationId, path), async (c) =>
      respondWithReport(c, await health.readiness(c.env.within(probeTimeoutMs)), "ready", "not_ready"),
    );
  }
  addOperation(app, startupRoute, async (c) =>
    respondWithReport(c, await health.startup(c.env.within(probeTimeoutMs)), "started", "not_started"),
  );
}

function respondWithReport(c: AppContext, { isHealthy, checks }: HealthReport, fit: string, unfit: string): Response {
  return respondJson(c, isHealthy ? 200 : 503, { status: isHealthy ? fit : unfit, ...stamp(), checks });
}

function stamp() {
  return { timestamp: formatTimestamp(Date.now()) };
}
