// The starter: Hono, zod-openapi and drizzle as most templates put them together.
import { OpenAPIHono } from "@hono/zod-openapi";
import { logger } from "hono/logger";
import { requestId } from "hono/request-id";
import { secureHeaders } from "hono/secure-headers";

import type { StarterEnv } from "./env.ts";
import { userRoutes } from "./users.ts";

const app = new OpenAPIHono<StarterEnv>();

app.use(requestId());
app.use(logger());
app.use(secureHeaders());

app.get("/health", (c) => c.json({ status: "ok", timestamp: new Date().toISOString() }));

app.use("/api/*", async (c, next) => {
  const key = c.req.header("X-API-Key");
  if (key === undefined) return c.json({ error: "Unauthorized" }, 401);
  if (key !== c.env.API_KEY) return c.json({ error: "Forbidden" }, 403);
  return await next();
});

app.route("/api/v1", userRoutes);

app.doc("/openapi.json", { openapi: "3.0.0", info: { title: "Users API", version: "1.0.0" } });

app.onError((error, c) => {
  console.error(error);
  return c.json({ error: "Internal Server Error" }, 500);
});

export default app;
