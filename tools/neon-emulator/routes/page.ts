import { badRequest } from "../http/api-error.ts";

/**
 * One page of a list, in its order; the cursor is the place where the next one begins, and is missing after the last.
 * @throws ApiError 400
 */
export function page<Item>(items: readonly Item[], query: URLSearchParams, defaultLimit: number) {
  const limit = Number(query.get("limit") ?? defaultLimit);
  const start = Number(query.get("cursor") ?? 0);
  if (!Number.isInteger(limit) || limit < 1 || limit > 10_000) throw badRequest("limit is out of range");
  if (!Number.isInteger(start) || start < 0) throw badRequest("cursor is none of ours");
  const end = start + limit;
  return {
    items: items.slice(start, end),
    pagination: end < items.length ? { cursor: String(end) } : {},
  };
}
