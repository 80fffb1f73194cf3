import { type ConcreteRequest, type RequestTemplate, toRequest } from "../scenarios/template.ts";

/** An answer, read to its end. */
export interface Answer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const TIMEOUT_MS = 10_000;

/** Sends one request of a scenario. */
export async function send(origin: string, { method, path, headers, body }: ConcreteRequest): Promise<Answer> {
  const response = await fetch(`${origin}${path}`, {
    method,
    headers: { ...headers },
    body,
    redirect: "manual",
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  const text = await response.text();
  return { status: response.status, headers: Object.fromEntries(response.headers), body: text };
}

/** What may differ between two right answers, and what stands in its place. Ids of the prepared users are none of it. */
const VOLATILE: readonly (readonly [RegExp, string])[] = [
  [/\b(?!00000000-)[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, "<uuid>"],
  [/(?<="trace_id":")[0-9a-f]{32}(?=")/g, "<trace>"],
  [/\b00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]\b/g, "<traceparent>"],
  [/\b20(?!24)\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g, "<now>"],
  [/("next_cursor":"|cursor=)[A-Za-z0-9_-]+/g, "$1<cursor>"],
];

/** The text with everything that differs from answer to answer replaced. */
function steady(text: string, nonce: string): string {
  return VOLATILE.reduce((result, [pattern, name]) => result.replaceAll(pattern, name), text).replaceAll(
    nonce,
    "<nonce>",
  );
}

/** An answer's headers, one a line, with everything that differs from answer to answer replaced. */
export function steadyHeaders({ headers }: Answer, nonce: string): readonly string[] {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${steady(value, nonce)}`);
  return lines.filter((line) => !/^(?:connection|date|keep-alive): /.test(line)).toSorted();
}

/** The first request of a kind, answered. */
export async function ask(
  origin: string,
  template: RequestTemplate,
  nonce: string,
): Promise<Answer & { readonly text: string }> {
  const answer = await send(origin, toRequest(template, { index: 0, nonce }));
  return { ...answer, text: steady(answer.body, nonce) };
}

/** What the API answers to the first request of each kind, without what differs from answer to answer. */
export type RecordedAnswers = ReadonlyMap<RequestTemplate, string>;
