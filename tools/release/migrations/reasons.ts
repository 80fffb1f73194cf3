/** Why a statement is refused; what several rules say alike. */
export const UNKNOWN = "what it does to the running version is not known here";
export const REMOVES_ROWS = "it removes rows that may be in use";
export const CHANGES_ROWS = "it changes rows that may be in use";
export const BREAKS_CONSTRAINT =
  "rows that are there, or that the running version writes, may break the new constraint";
export const BLOCKS_DELETE = "the new reference can keep the running version from deleting rows";
export const SHARES_ROWS = "it makes the rows of one table rows of another that is in use";
export const CHANGES_TYPE = "the running version expects the type as it is";
