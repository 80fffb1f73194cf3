import { z } from "@hono/zod-openapi";

import { PAGE_LIMIT } from "../../models/page.ts";
import { EMAIL, FULL_NAME, USERNAME } from "../../models/user-rules.ts";
import type { User } from "../../models/user.ts";
import { documented } from "../documented.ts";
import { pickStrings, withFastPath } from "../fast-path.ts";
import { createIdParams } from "../id-params.ts";
import { CURSOR_TEXT, FULL_NAME_CHARACTERS } from "./texts.ts";

/*
 * Bodies are checked here for their shape only. Lengths and alphabets are documented here and enforced by
 * the user service, which applies the rules after normalisation.
 */

const username = z.string().openapi(
  documented(() => ({
    description: "ASCII letters and digits, unique; upper case is stored as lower case.",
    minLength: USERNAME.minLength,
    maxLength: USERNAME.maxLength,
    pattern: USERNAME.pattern.source,
    example: "jdoe",
  })),
);

const localPart = `(?=[^@]{1,${EMAIL.maxLocalPartLength}}@)`;

/** As it is answered. */
const email = documented(() =>
  z.string().openapi({
    description: "Unique; in lower case, an internationalised domain as its A-labels (RFC 5890).",
    format: "email",
    maxLength: EMAIL.maxLength,
    pattern: `^${localPart}${EMAIL.pattern.source.slice(1)}`,
    example: "jdoe@example.com",
  }),
);

/** As it may be given. */
const givenEmail = z.string().openapi(
  documented(() => ({
    description: `An email address, unique; upper case is stored as lower case. At most ${EMAIL.maxLocalPartLength} characters, all of them ASCII, stand before the @. An internationalised domain is stored, measured and answered as its A-labels (RFC 5890): name@münchen.example as name@xn--mnchen-3ya.example.`,
    format: "idn-email",
    maxLength: EMAIL.maxLength,
    pattern: `^${localPart}${EMAIL.givenPattern.source.slice(1)}`,
    example: "jdoe@example.com",
  })),
);

const fullName = z.string().openapi(
  documented(() => ({
    description:
      "A name as people bear it, in any script: letters with their combining marks, decimal digits, spaces, hyphens, apostrophes, full stops, commas and middle dots (U+00B7, U+2027, U+30FB, U+FF65), at least one letter that is visible. Brought to Unicode normalization form C and trimmed before it is measured and stored.",
    minLength: FULL_NAME.minLength,
    maxLength: FULL_NAME.maxLength,
    pattern: FULL_NAME_CHARACTERS,
    example: "John Doe",
  })),
);

const timestamp = (description: string) =>
  z.string().openapi({ description, format: "date-time", maxLength: 24, example: "2026-01-31T12:00:00.000Z" });

const id = documented(() =>
  z.string().openapi({
    description: "UUID version 7, given by the service.",
    format: "uuid",
    maxLength: 36,
    example: "01932f2e-9d5a-7c31-b3f4-2f6f3c9d8a10",
  }),
);

export const userSchema = documented(() =>
  z
    .strictObject({
      id,
      username: username.openapi({ description: "Unique; in lower case.", pattern: "^[a-z0-9]+$" }),
      email,
      full_name: fullName,
      created_at: timestamp("When the user was created (RFC 3339, UTC)."),
      updated_at: timestamp("When the user was last changed (RFC 3339, UTC)."),
    })
    .openapi("User", { description: "A user." }),
);

export const userPageSchema = documented(() =>
  z
    .strictObject({
      data: z.array(userSchema).max(PAGE_LIMIT.max).openapi({ description: "The users of this page." }),
      next_cursor: z
        .string()
        .nullable()
        .openapi({ description: "Give it as `cursor` to read the next page; null on the last page.", ...CURSOR_TEXT }),
    })
    .openapi("UserPage", { description: "One page of users." }),
);

const FIELDS: ReadonlySet<string> = new Set(["username", "email", "full_name"]);

export const createUserSchema = withFastPath(
  z
    .strictObject({ username, email: givenEmail, full_name: fullName })
    .openapi("CreateUser", { description: "The data of a new user." }),
  (body) => {
    const { username: name, email: address, full_name: full } = pickStrings(body, FIELDS) ?? {};
    const isWhole = name !== undefined && address !== undefined && full !== undefined;
    return isWhole ? { username: name, email: address, full_name: full } : null;
  },
);

export const updateUserSchema = withFastPath(
  z
    .strictObject({ username: username.optional(), email: givenEmail.optional(), full_name: fullName.optional() })
    .openapi("UpdateUser", {
      description:
        "The fields to change (JSON Merge Patch, RFC 7396); absent fields are kept. No field can be removed, so null is refused.",
    }),
  (body) => pickStrings(body, FIELDS),
);

export const userIdParams = createIdParams("user");

const NAME: ReadonlySet<string> = new Set(["username"]);

const isUsername = (text: string): boolean =>
  text.length >= USERNAME.minLength && text.length <= USERNAME.maxLength && USERNAME.pattern.test(text);

export const usernameParams = withFastPath(
  z.strictObject({
    username: z
      .string()
      .min(USERNAME.minLength, { error: `Give at least ${USERNAME.minLength} characters.` })
      .max(USERNAME.maxLength, { error: `Give at most ${USERNAME.maxLength} characters.` })
      .regex(USERNAME.pattern, { error: "Use only the letters A to Z and digits." })
      .openapi({ param: { name: "username", in: "path" }, description: "Username, in any case.", example: "jdoe" }),
  }),
  (params) => {
    const { username: given } = pickStrings(params, NAME) ?? {};
    return given !== undefined && isUsername(given) ? { username: given } : null;
  },
);

export type UserBody = z.infer<typeof userSchema>;

/** The public shape of a user; nothing else of the row ever leaves the service. */
export function toUserBody(user: User): UserBody {
  return {
    id: user.id,
    username: user.username,
    email: user.email,
    full_name: user.fullName,
    created_at: user.createdAt.toISOString(),
    updated_at: user.updatedAt.toISOString(),
  };
}

export function toUserJson(user: User): string {
  return JSON.stringify(toUserBody(user));
}
