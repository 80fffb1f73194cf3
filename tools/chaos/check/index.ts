import type { Content, History, OwnUser, UserRow } from "../history.ts";
import type { Finding } from "./finding.ts";
import { checkOwnUser } from "./own-user.ts";
import { checkSharedUser } from "./shared-user.ts";

/** Compares what clients did and were told with what the database holds after it: empty when the two agree. */
export function checkHistory(history: History, content: Content): Finding[] {
  const rows = Map.groupBy(content.users, ({ username }) => username);
  const rowOf = (username: string): UserRow | null => rows.get(username)?.[0] ?? null;
  return [
    ...history.own.flatMap((user) => checkOwnUser(user, rowOf(user.username))),
    ...history.shared.flatMap((user) => checkSharedUser(user, rowOf(user.username))),
    ...findPhantoms(history, content),
    ...findDoubles(rows),
    ...checkKeys(history.own, content),
  ];
}

/** Users that nobody ever asked for. */
function findPhantoms({ own, shared }: History, { users }: Content): Finding[] {
  const asked = new Set([...own, ...shared].map(({ username }) => username));
  return users.flatMap(({ username, id }) =>
    asked.has(username) ? [] : [{ kind: "phantom", username, detail: `nobody asked for ${id}` } as const],
  );
}

/** Users that one creation has made twice. */
function findDoubles(rows: ReadonlyMap<string, readonly UserRow[]>): Finding[] {
  return [...rows].flatMap(([username, { length }]) =>
    length === 1 ? [] : [{ kind: "doubled-write", username, detail: `${length} users of one name` } as const],
  );
}

/** A key stands for the one user whose id its client was told; a user with a key is there only together with it. */
function checkKeys(own: readonly OwnUser[], { users, keys }: Content): Finding[] {
  const stored = Map.groupBy(keys, ({ key }) => key);
  const idOf = new Map(users.map(({ username, id }) => [username, id]));
  return own.flatMap(({ username, key, events }): Finding[] => {
    if (key === null) return [];
    const ids = (stored.get(key) ?? []).map(({ userId }) => userId);
    const told = events.flatMap((event) =>
      event.kind === "create" && event.end.kind === "acknowledged" ? [event.end.state.id] : [],
    );
    const known = new Set([...ids, ...told, ...[idOf.get(username)].filter((id) => id !== undefined)]);
    if (known.size > 1 || ids.length > 1)
      return [{ kind: "doubled-write", username, detail: `one key, and users ${[...known].join(", ")}` }];
    return ids.length === 0 && known.size === 1
      ? [{ kind: "lost-write", username, detail: "the key of an acknowledged creation is gone" }]
      : [];
  });
}
