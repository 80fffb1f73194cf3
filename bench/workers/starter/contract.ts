import { createRoute, z } from "@hono/zod-openapi";

const userSchema = z
  .object({
    id: z.uuid(),
    username: z.string(),
    email: z.string(),
    full_name: z.string(),
    created_at: z.iso.datetime(),
    updated_at: z.iso.datetime(),
  })
  .openapi("User");

const fields = {
  username: z
    .string()
    .min(3)
    .max(50)
    .regex(/^[A-Za-z0-9]+$/),
  email: z.email().max(100),
  full_name: z.string().trim().min(1).max(100),
};
const newUser = z.object(fields).openapi("NewUser");
const userChange = z.object(fields).partial().openapi("UserChange");
const idParams = z.object({ id: z.guid() });
const error = z.object({ error: z.string() }).openapi("Error");

const json = <Schema extends z.ZodType>(schema: Schema, description: string) => ({
  description,
  content: { "application/json": { schema } },
});
const notFound = { 404: json(error, "There is no such user.") };

export const getById = createRoute({
  method: "get",
  path: "/users/id/{id}",
  request: { params: idParams },
  responses: { 200: json(userSchema, "The user."), ...notFound },
});

export const getByUsername = createRoute({
  method: "get",
  path: "/users/username/{username}",
  request: { params: z.object({ username: z.string() }) },
  responses: { 200: json(userSchema, "The user."), ...notFound },
});

export const list = createRoute({
  method: "get",
  path: "/users",
  request: {
    query: z.object({ limit: z.coerce.number().int().min(1).max(100).default(20), cursor: z.string().optional() }),
  },
  responses: {
    200: json(z.object({ data: z.array(userSchema), next_cursor: z.string().nullable() }), "A page of users."),
  },
});

export const create = createRoute({
  method: "post",
  path: "/users",
  request: { body: { required: true, content: { "application/json": { schema: newUser } } } },
  responses: { 201: json(userSchema, "The new user."), 409: json(error, "Username or email is taken.") },
});

export const update = createRoute({
  method: "patch",
  path: "/users/id/{id}",
  request: {
    params: idParams,
    body: {
      required: true,
      content: { "application/json": { schema: userChange }, "application/merge-patch+json": { schema: userChange } },
    },
  },
  responses: { 200: json(userSchema, "The changed user."), ...notFound },
});

export const remove = createRoute({
  method: "delete",
  path: "/users/id/{id}",
  request: { params: idParams },
  responses: { 204: { description: "The user is gone." } },
});
