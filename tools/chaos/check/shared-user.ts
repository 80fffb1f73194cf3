import type { SharedChange, SharedUser, UserState } from "../history.ts";
import type { Finding, FindingKind } from "./finding.ts";

/**
 * Rebuilds the chain of states of a user that all clients change, each from the version that it has just read: each version has to
 * be made of the one before it by exactly one change, the one that was acknowledged, or one whose end is unknown.
 */
export function checkSharedUser(user: SharedUser, stored: UserState | null): Finding[] {
  const { username } = user;
  const finding = (kind: FindingKind, detail: string): Finding => ({ kind, username, detail });
  if (stored === null || stored.version === null) return [finding("lost-write", "the user is gone")];
  const last = { version: stored.version, fullName: stored.fullName };
  return [
    ...checkChain(user, last).map(({ kind, detail }) => finding(kind, detail)),
    ...checkReads(user, last).map((detail) => finding("impossible-read", detail)),
  ];
}

interface Version {
  readonly version: number;
  readonly fullName: string;
}

type Complaint = Pick<Finding, "kind" | "detail">;

function checkChain(user: SharedUser, last: Version): Complaint[] {
  const complaints: Complaint[] = [];
  for (const [from, changes] of Map.groupBy(user.changes, ({ fromVersion }) => fromVersion)) {
    const acknowledged = changes.filter(({ end }) => end.kind === "acknowledged");
    if (acknowledged.length > 1)
      complaints.push({
        kind: "lost-update",
        detail: `${acknowledged.length} changes of version ${from} were acknowledged`,
      });
    for (const change of acknowledged) complaints.push(...checkAcknowledged(change, last));
  }
  for (let version = 2; version <= last.version; version += 1) {
    if (makersOf(user, version).length > 0) continue;
    complaints.push({
      kind: "doubled-write",
      detail: `version ${version} was made by no change that anybody asked for`,
    });
  }
  const maker = makersOf(user, last.version);
  if (last.version > 1 && maker.length > 0 && !maker.some(({ fullName }) => fullName === last.fullName))
    complaints.push({
      kind: "lost-update",
      detail: `version ${last.version} holds "${last.fullName}", which is not what made it`,
    });
  return complaints;
}

function checkAcknowledged({ fromVersion, fullName, end }: SharedChange, last: Version): Complaint[] {
  if (end.kind !== "acknowledged") return [];
  const to = end.state.version ?? 0;
  return [
    ...(to === fromVersion + 1
      ? []
      : [{ kind: "doubled-write", detail: `a change of version ${fromVersion} made version ${to}` } as const]),
    ...(end.state.fullName === fullName
      ? []
      : [{ kind: "lost-update", detail: `"${fullName}" was acknowledged as "${end.state.fullName}"` } as const]),
    ...(to <= last.version
      ? []
      : [{ kind: "lost-write", detail: `version ${to} was acknowledged, the last one is ${last.version}` } as const]),
  ];
}

/** The changes that can have made a version: the acknowledged one, else all without a known end. */
function makersOf({ changes }: SharedUser, version: number): readonly SharedChange[] {
  const fitting = changes.filter(({ fromVersion, end }) => fromVersion === version - 1 && end.kind !== "refused");
  const acknowledged = fitting.filter(({ end }) => end.kind === "acknowledged");
  return acknowledged.length > 0 ? acknowledged : fitting;
}

/** Each version has one content for all readers, and no read is older than what was acknowledged before it began. */
function checkReads(user: SharedUser, last: Version): string[] {
  const acknowledged = user.changes.flatMap(({ end, endedAt }) =>
    end.kind === "acknowledged" ? [{ version: end.state.version ?? 0, endedAt }] : [],
  );
  return user.reads.flatMap(({ version, fullName, startedAt }) => {
    if (version > last.version) return [`version ${version} was read, the last one is ${last.version}`];
    const names = version === 1 ? [user.fullName] : makersOf(user, version).map((change) => change.fullName);
    if (!names.includes(fullName)) return [`version ${version} was read with "${fullName}", which did not make it`];
    const floor = acknowledged.reduce(
      (highest, change) => (change.endedAt < startedAt ? Math.max(highest, change.version) : highest),
      1,
    );
    return version >= floor ? [] : [`version ${version} was read after version ${floor} had been acknowledged`];
  });
}
