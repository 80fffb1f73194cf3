import { customType, timestamp } from "drizzle-orm/pg-core";

import type { UserSnapshot } from "../models/user-event.ts";

/** Milliseconds are all that JavaScript's Date holds, so the database must not keep more. */
export const time = (name: string) => timestamp(name, { withTimezone: true, precision: 3, mode: "date" });

/** A value of the composite type `user_snapshot` (migration 0007), none of whose fields is null. */
export const userSnapshot = customType<{ data: UserSnapshot; driverData: string }>({
  dataType: () => "user_snapshot",
  fromDriver(text) {
    const [id = "", username = "", email = "", fullName = "", createdAt = "", updatedAt = ""] = parseComposite(text);
    return {
      id,
      username,
      email,
      full_name: fullName,
      created_at: toRfc3339(createdAt),
      updated_at: toRfc3339(updatedAt),
    };
  },
});

/** Of a time that JavaScript does not know, which only somebody past the API can have written, PostgreSQL's text: nobody's feed ends there. */
function toRfc3339(text: string): string {
  const time = new Date(text);
  return Number.isNaN(time.getTime()) ? text : time.toISOString();
}

const FIELD = /"((?:[^"\\]|""|\\.)*)"|[^,()]+/gs;
const ESCAPED = /(["\\])(.)/gs;

/** The fields of a composite value that has no nulls, from the text that PostgreSQL writes (its manual, section 8.16.6). */
function parseComposite(text: string): string[] {
  return Array.from(text.matchAll(FIELD), ([plain, quoted]) => quoted?.replaceAll(ESCAPED, "$2") ?? plain);
}
