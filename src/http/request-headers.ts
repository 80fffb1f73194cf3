import { z } from "@hono/zod-openapi";

import { documented } from "./documented.ts";

/*
 * Described here for the document; what they mean is read by `http/preconditions.ts` and `http/idempotency-key.ts`.
 */

/** Anything that a header may hold: tags are compared, not read. */
const ENTITY_TAGS_TEXT = {
  maxLength: 4_096,
  pattern: String.raw`^[\t\x20-\x7E\x80-\xFF]*$`,
  example: '"01932f2e-9d5a-7c31-b3f4-2f6f3c9d8a10.1"',
};

const entityTags = (description: string) =>
  z
    .string()
    .optional()
    .openapi({ description, ...ENTITY_TAGS_TEXT });

export const ifMatchHeaders = documented(() =>
  z.object({
    "If-Match": entityTags(
      "States that the change may start from: `ETag` values, or `*` for any. Weak tags match nothing.",
    ),
  }),
);

export const ifNoneMatchHeaders = documented(() =>
  z.object({
    "If-None-Match": entityTags(
      "States that you have: `ETag` values, or `*` for any. If one is current, the answer is 304.",
    ),
  }),
);

export const idempotencyHeaders = documented(() =>
  z.object({
    "Idempotency-Key": z.string().optional().openapi({
      description:
        "A key of your choice for this one creation, a string in double quotes. Repeating the request with it repeats the first answer, for 24 hours; no second user is made.",
      minLength: 1,
      maxLength: 512,
      pattern: '^".+"$',
      example: '"8e03978e-40d5-43e8-bc93-6894a57f9324"',
    }),
  }),
);
