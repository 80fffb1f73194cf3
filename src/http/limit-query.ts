import { z } from "@hono/zod-openapi";

import { PAGE_LIMIT } from "../models/page.ts";

const HELP = `Give a whole number from ${PAGE_LIMIT.min} to ${PAGE_LIMIT.max}.`;

/** The query parameter `limit` of a list. */
export const limitQuery = (description: string) =>
  z
    .string()
    .regex(/^\d{1,9}$/, { error: HELP })
    .transform(Number)
    .pipe(z.number().min(PAGE_LIMIT.min, { error: HELP }).max(PAGE_LIMIT.max, { error: HELP }))
    .optional()
    .openapi({
      param: { name: "limit", in: "query" },
      description,
      type: "integer",
      format: "int32",
      minimum: PAGE_LIMIT.min,
      maximum: PAGE_LIMIT.max,
      default: PAGE_LIMIT.default,
      example: PAGE_LIMIT.default,
    });
