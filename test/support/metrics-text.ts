import { BUCKET_BOUNDS_MS } from "../../src/observability/metrics-batch.ts";
import { CATALOGUE } from "../../telemetry/src/catalogue.ts";
import { formatExposition } from "../../telemetry/src/exposition.ts";

export const NEW_VERSION = "00000000-0000-4000-8000-00000000000b";
export const OLD_VERSION = "00000000-0000-4000-8000-00000000000a";

export interface CountedRequests {
  readonly version: string;
  /** Method and route. */
  readonly route: string;
  readonly status: number;
  /** How long each took, in milliseconds. */
  readonly ms: readonly number[];
}

/** The text that telemetry would give, by its own writer. */
export function exposition(counted: readonly CountedRequests[]): string {
  const labelled = counted.map(({ version, route, status, ms }) => {
    const [method = "", path = ""] = route.split(" ");
    const labels = [
      ["method", method],
      ["route", path],
      ["status", String(status)],
      ["version_id", version],
      ["version_tag", ""],
    ] as const;
    return { labels, ms };
  });
  const { requests, requestDurations } = CATALOGUE;
  return formatExposition(
    [
      {
        family: requests,
        samples: labelled.map(({ labels, ms }) => ({ suffix: "_total", labels, value: ms.length })),
      },
      {
        family: requestDurations,
        samples: labelled.flatMap(({ labels, ms }) => [
          ...[...BUCKET_BOUNDS_MS, Infinity].map((bound) => ({
            suffix: "_bucket" as const,
            labels: [...labels, ["le", bound === Infinity ? "+Inf" : String(bound / 1_000)] as const],
            value: ms.filter((one) => one <= bound).length,
          })),
          { suffix: "_sum" as const, labels, value: ms.reduce((sum, one) => sum + one, 0) / 1_000 },
          { suffix: "_count" as const, labels, value: ms.length },
        ]),
      },
    ],
    "prometheus",
  );
}
