const text = { type: "string" } as const;

const user = {
  type: "object",
  properties: { id: text, username: text, email: text, full_name: text, created_at: text, updated_at: text },
  required: ["id", "username", "email", "full_name", "created_at", "updated_at"],
} as const;

const fields = {
  username: { type: "string", minLength: 3, maxLength: 50, pattern: "^[A-Za-z0-9]+$" },
  email: { type: "string", maxLength: 100, format: "email" },
  full_name: { type: "string", minLength: 1, maxLength: 100 },
} as const;

const params = { type: "object", properties: { id: { type: "string", format: "uuid" } } } as const;

export const getById = { params, response: { 200: user } };

export const getByUsername = {
  params: { type: "object", properties: { username: fields.username } },
  response: { 200: user },
};

export const list = {
  querystring: {
    type: "object",
    properties: { limit: { type: "integer", minimum: 1, maximum: 100, default: 20 }, cursor: text },
    additionalProperties: false,
  },
  response: {
    200: {
      type: "object",
      properties: { data: { type: "array", items: user }, next_cursor: { type: ["string", "null"] } },
    },
  },
};

export const create = {
  body: {
    type: "object",
    properties: fields,
    required: ["username", "email", "full_name"],
    additionalProperties: false,
  },
  response: { 201: user },
};

export const update = {
  params,
  body: { type: "object", properties: fields, additionalProperties: false },
  response: { 200: user },
};

export const remove = { params };
