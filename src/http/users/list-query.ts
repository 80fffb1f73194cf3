import { z } from "@hono/zod-openapi";

import { DEFAULT_USER_SORT, USER_SORTS, type UserQuery } from "../../models/user-list.ts";
import { checkEmail, EMAIL, normalizeEmail, normalizeUsername, USERNAME } from "../../models/user-rules.ts";
import { parseInstant } from "../instant.ts";
import { limitQuery } from "../limit-query.ts";
import { CURSOR_TEXT } from "./texts.ts";

const TIME_HELP = "Give a time like 2026-01-31T12:00:00Z (RFC 3339); write a plus sign as %2B.";

/* The examples go together: tried as they stand, they find jdoe. */
const instant = (name: string, example: string, description: string) =>
  z
    .string()
    .transform((text, context) => {
      const time = parseInstant(text);
      if (time !== null) return time;
      context.addIssue({ code: "custom", message: TIME_HELP });
      return z.NEVER;
    })
    .optional()
    .openapi({
      param: { name, in: "query" },
      description,
      type: "string",
      format: "date-time",
      example,
    });

export const listQuery = z.strictObject({
  limit: limitQuery("How many users a page holds at most."),
  cursor: z
    .string()
    .optional()
    .openapi({
      param: { name: "cursor", in: "query" },
      description: "Where to continue: `next_cursor` of the previous page.",
      ...CURSOR_TEXT,
    }),
  sort: z
    .enum(USER_SORTS, { error: `Give one of ${USER_SORTS.join(", ")}.` })
    .optional()
    .openapi({
      param: { name: "sort", in: "query" },
      description: "Order of the list; a minus means descending.",
      default: DEFAULT_USER_SORT,
      example: "username",
    }),
  username: z
    .string()
    .regex(/^[A-Za-z0-9]{1,50}$/, { error: "Give 1 to 50 letters A to Z and digits." })
    .optional()
    .openapi({
      param: { name: "username", in: "query" },
      description: "Only users whose username starts with this, in any case.",
      minLength: 1,
      maxLength: USERNAME.maxLength,
      example: "jd",
    }),
  email: z
    .string()
    .refine((text) => checkEmail(normalizeEmail(text)) === null, {
      error: ({ input }) => checkEmail(normalizeEmail(String(input)))?.detail,
    })
    .optional()
    .openapi({
      param: { name: "email", in: "query" },
      description: "Only the user with this email address, in any case; its domain may be internationalised.",
      format: "idn-email",
      minLength: 1,
      maxLength: EMAIL.maxLength,
      example: "jdoe@example.com",
    }),
  created_after: instant("created_after", "2026-01-01T00:00:00Z", "Only users created after this time (exclusive)."),
  created_before: instant("created_before", "2036-01-01T00:00:00Z", "Only users created before this time (exclusive)."),
});

type ListConditions = Omit<z.infer<typeof listQuery>, "limit" | "cursor">;

/** Which list is meant; the same one, however its query was spelled. */
export function toListScope(query: ListConditions): Pick<UserQuery, "sort" | "filter"> {
  const { sort = DEFAULT_USER_SORT, username, email, created_after: after, created_before: before } = query;
  return {
    sort,
    filter: {
      usernamePrefix: username === undefined ? null : normalizeUsername(username),
      email: email === undefined ? null : normalizeEmail(email),
      createdAfter: after ?? null,
      createdBefore: before ?? null,
    },
  };
}
