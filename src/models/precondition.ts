/**
 * What must be true of an entity before it is changed: it exists, and has one of the versions, if any are named; null
 * for nothing. "missing" refuses a change that had to name a precondition.
 */
export type Precondition = { readonly versions: readonly number[] | null } | "missing" | null;
