import { OpenAPIHono } from "@hono/zod-openapi";
import { and, desc, eq, lt, or } from "drizzle-orm";
import { uuidv7 } from "uuidv7";

import * as contract from "./contract.ts";
import { openDatabase } from "./database.ts";
import type { StarterEnv } from "./env.ts";
import { users } from "./schema.ts";

type UserRow = typeof users.$inferSelect;

const toBody = ({ id, username, email, fullName, createdAt, updatedAt }: UserRow) => ({
  id,
  username,
  email,
  full_name: fullName,
  created_at: createdAt.toISOString(),
  updated_at: updatedAt.toISOString(),
});

/** Routes of a users API, as they stand in many a template. */
export const userRoutes = new OpenAPIHono<StarterEnv>();

userRoutes.openapi(contract.getById, async (c) => {
  const [user] = await openDatabase(c.env)
    .select()
    .from(users)
    .where(eq(users.id, c.req.valid("param").id));
  return user === undefined ? c.json({ error: "Not found" }, 404) : c.json(toBody(user), 200);
});

userRoutes.openapi(contract.getByUsername, async (c) => {
  const { username } = c.req.valid("param");
  const [user] = await openDatabase(c.env).select().from(users).where(eq(users.username, username.toLowerCase()));
  return user === undefined ? c.json({ error: "Not found" }, 404) : c.json(toBody(user), 200);
});

userRoutes.openapi(contract.list, async (c) => {
  const { limit, cursor } = c.req.valid("query");
  const [time = "", id = ""] = cursor === undefined ? [] : atob(cursor).split("|");
  const after = new Date(time);
  const rows = await openDatabase(c.env)
    .select()
    .from(users)
    .where(
      cursor === undefined
        ? undefined
        : or(lt(users.createdAt, after), and(eq(users.createdAt, after), lt(users.id, id))),
    )
    .orderBy(desc(users.createdAt), desc(users.id))
    .limit(limit + 1);
  const data = rows.slice(0, limit).map(toBody);
  const last = data.at(-1);
  const hasMore = rows.length > limit && last !== undefined;
  return c.json({ data, next_cursor: hasMore ? btoa(`${last.created_at}|${last.id}`).replaceAll("=", "") : null }, 200);
});

userRoutes.openapi(contract.create, async (c) => {
  const { username, email, full_name: fullName } = c.req.valid("json");
  const now = new Date();
  const values = { username: username.toLowerCase(), email: email.toLowerCase(), fullName };
  const [user] = await openDatabase(c.env)
    .insert(users)
    .values({ ...values, id: uuidv7(), createdAt: now, updatedAt: now })
    .onConflictDoNothing()
    .returning();
  return user === undefined ? c.json({ error: "Taken" }, 409) : c.json(toBody(user), 201);
});

userRoutes.openapi(contract.update, async (c) => {
  const { full_name: fullName, ...change } = c.req.valid("json");
  const [user] = await openDatabase(c.env)
    .update(users)
    .set({ ...change, ...(fullName === undefined ? {} : { fullName }), updatedAt: new Date() })
    .where(eq(users.id, c.req.valid("param").id))
    .returning();
  return user === undefined ? c.json({ error: "Not found" }, 404) : c.json(toBody(user), 200);
});

userRoutes.openapi(contract.remove, async (c) => {
  await openDatabase(c.env)
    .delete(users)
    .where(eq(users.id, c.req.valid("param").id));
  return c.body(null, 204);
});
