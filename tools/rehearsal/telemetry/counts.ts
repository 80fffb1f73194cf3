import type { VersionStats } from "../../cloudflare-emulator/data-plane/types.ts";

/** Requests of one version of the API, by the status of their answers. */
export interface VersionCounts {
  readonly versionId: string;
  readonly statuses: ReadonlyMap<string, number>;
}

/** What the edge saw, which counts on the other side of the wire, and what telemetry tells. */
export interface TelemetryEvidence {
  readonly edge: readonly Pick<VersionStats, "versionId" | "answers" | "unanswered">[];
  readonly counted: readonly VersionCounts[];
  /** Measurements that the API knows to be lost. */
  readonly lost: number;
  /** What was done to telemetry meanwhile. */
  readonly disturbances: Disturbances;
}

export interface Disturbances {
  /** Answers to batches that were lost after they had been counted. */
  lostAnswers: number;
  /** Times that all objects were ended at once. */
  evictions: number;
}

const SAMPLE = /^http_requests_total\{([^}]*)\} (\d+)$/gm;
const LOST = /^telemetry_lost_measurements_total\{[^}]*\} (\d+)$/gm;

/** Reads the counts of requests out of Prometheus's text format, in which our label values have no quotes. */
export function readCounts(metrics: string): Pick<TelemetryEvidence, "counted" | "lost"> {
  const versions = new Map<string, Map<string, number>>();
  for (const [, labels = "", value] of metrics.matchAll(SAMPLE)) {
    const { version_id: versionId = "", status = "" } = Object.fromEntries(
      [...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, name, text]) => [name, text]),
    );
    const statuses = versions.get(versionId) ?? new Map<string, number>();
    versions.set(versionId, statuses.set(status, (statuses.get(status) ?? 0) + Number(value)));
  }
  return {
    counted: [...versions].map(([versionId, statuses]) => ({ versionId, statuses })),
    lost: [...metrics.matchAll(LOST)].reduce((sum, [, value]) => sum + Number(value), 0),
  };
}

/** Where telemetry has counted something else than the edge, in words. */
export interface Miscounts {
  /** Answered and not counted. */
  readonly missing: readonly string[];
  /** Counted more often than answered. */
  readonly tooMany: readonly string[];
}

/**
 * Compares version by version and status by status. A request without an answer may have been counted or not, for its client has left.
 * A version that makes another status of its answers afterwards is compared by the number of them.
 */
export function findMiscounts(
  { edge, counted }: Pick<TelemetryEvidence, "edge" | "counted">,
  rewritesStatus: (versionId: string) => boolean,
): Miscounts {
  const known = new Map(counted.map(({ versionId, statuses }) => [versionId, statuses]));
  const compared = edge.map(({ versionId, answers, unanswered }) => {
    const statuses = known.get(versionId) ?? new Map<string, number>();
    const seen = new Map(Object.entries(answers));
    known.delete(versionId);
    return compare(
      versionId,
      rewritesStatus(versionId) ? [total(seen), total(statuses)] : [seen, statuses],
      unanswered,
    );
  });
  const strangers = [...known.keys()].map((id) => `version ${id} is counted, which no request has reached`);
  return {
    missing: compared.flatMap(({ missing }) => missing),
    tooMany: [...compared.flatMap(({ tooMany }) => tooMany), ...strangers],
  };
}

type Statuses = ReadonlyMap<string, number>;

function compare(versionId: string, [seen, counted]: readonly [Statuses, Statuses], unanswered: number): Miscounts {
  const all = [...new Set([...seen.keys(), ...counted.keys()])].map((status) => ({
    status,
    wanted: seen.get(status) ?? 0,
    got: counted.get(status) ?? 0,
  }));
  const more = all.reduce((sum, { wanted, got }) => sum + Math.max(0, got - wanted), 0);
  const describe = ({ status, wanted, got }: (typeof all)[number]): string =>
    `version ${versionId}, status ${status}: ${wanted} answered, ${got} counted`;
  return {
    missing: all.filter(({ wanted, got }) => got < wanted).map(describe),
    tooMany: more <= unanswered ? [] : all.filter(({ wanted, got }) => got > wanted).map(describe),
  };
}

function total(statuses: Statuses): Statuses {
  return new Map([["all", [...statuses.values()].reduce((sum, count) => sum + count, 0)]]);
}
