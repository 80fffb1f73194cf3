/** How a release or a rollback ended. */
export type Outcome = "released" | "checked" | "stopped" | "rolled-back" | "unverified" | "interrupted";

/** What the shell gets to know of it; wrong usage is 2. */
export const EXIT_CODES: Readonly<Record<Outcome, number>> = {
  released: 0,
  checked: 0,
  stopped: 1,
  "rolled-back": 3,
  unverified: 4,
  interrupted: 130,
};

export const USAGE_EXIT_CODE = 2;
