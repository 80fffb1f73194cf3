import { timestamp } from "drizzle-orm/pg-core";

/** Milliseconds are all that JavaScript's Date holds, so the database must not keep more. */
export const time = (name: string) => timestamp(name, { withTimezone: true, precision: 3, mode: "date" });
