import { z } from "zod";

/** One span that the local runtime collected: an invocation, a call that the platform traces by itself, or one of the Worker's own. */
export interface CollectedSpan {
  /** The platform's own id of the trace. */
  readonly traceId: string;
  readonly spanId: string;
  /** Null for an invocation that nothing of ours called. */
  readonly parentId: string | null;
  /** The Worker. */
  readonly service: string | null;
  readonly name: string;
  readonly outcome: string | null;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** Where Miniflare's collector answers, on the entry that it has besides the Workers' own sockets. */
const QUERY_PATH = "/cdn-cgi/local/explorer/api/local/observability/query";

const SELECT = `SELECT trace_id, span_id, parent_id, service, name, outcome, json(attributes) FROM spans
  WHERE duration_ms IS NOT NULL ORDER BY start_ms, rowid`;

const answerSchema = z.object({
  result: z.object({
    rows: z.array(
      z.tuple([
        z.string(),
        z.string(),
        z.string().nullable(),
        z.string().nullable(),
        z.string(),
        z.string().nullable(),
        z.string().nullable(),
      ]),
    ),
  }),
});

/** All spans that have ended, in the order in which they began. They arrive some time after the answer of their request. */
export async function readSpans(entry: URL): Promise<readonly CollectedSpan[]> {
  const response = await fetch(new URL(QUERY_PATH, entry), {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ sql: SELECT }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`the collector of spans answered ${response.status}: ${text}`);
  const { rows } = answerSchema.parse(JSON.parse(text)).result;
  return rows.map(([traceId, spanId, parentId, service, name, outcome, attributes]) => ({
    traceId,
    spanId,
    parentId,
    service,
    name,
    outcome,
    attributes: z.record(z.string(), z.unknown()).parse(JSON.parse(attributes ?? "{}")),
  }));
}
