import type { Monitoring } from "./start-monitoring.ts";

export interface QueriedSample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

interface QueryResult {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [time: number, value: string];
}

/** An instant query, now (prometheus.io/docs/prometheus/latest/querying/api/#instant-queries). @throws when Prometheus refuses it */
export async function query({ prometheus }: Monitoring, expression: string): Promise<QueriedSample[]> {
  const response = await fetch(`${prometheus}/api/v1/query`, {
    method: "POST",
    body: new URLSearchParams({ query: expression }),
  });
  const answer: { status: string; error?: string; data?: { result: QueryResult[] } } = JSON.parse(
    await response.text(),
  );
  if (answer.status !== "success" || answer.data === undefined) throw new Error(`${expression}: ${answer.error}`);
  return answer.data.result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }));
}

/** The only value of an expression; null when there is none. */
export async function queryValue(monitoring: Monitoring, expression: string): Promise<number | null> {
  const [first, ...others] = await query(monitoring, expression);
  if (others.length > 0) throw new Error(`${expression} has more than one value`);
  return first?.value ?? null;
}

/** An alert as Alertmanager has it (its API v2, GET /alerts). */
export interface KnownAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly status: { readonly state: "active" | "suppressed" | "unprocessed"; readonly inhibitedBy: readonly string[] };
}

/** Alerts that fire, inhibited ones included. */
export async function readAlerts({ alertmanager }: Monitoring): Promise<readonly KnownAlert[]> {
  const response = await fetch(`${alertmanager}/api/v2/alerts`);
  return JSON.parse(await response.text());
}
