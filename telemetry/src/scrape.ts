import { checkBearerToken, type TokenVerdict } from "./bearer-token.ts";
import { CONTENT_TYPES, formatExposition } from "./exposition.ts";
import { mergeShards } from "./merge.ts";
import { chooseFormat } from "./negotiation.ts";
import { collectSamples } from "./samples.ts";
import { allShards, type TelemetryEnv } from "./shards.ts";

/** `GET /metrics` for whoever has the token; anything else is refused. */
export async function scrape(request: Request, env: TelemetryEnv, context: ExecutionContext): Promise<Response> {
  if (new URL(request.url).pathname !== "/metrics") return refuse(404, "Only /metrics is here.");
  if (request.method !== "GET" && request.method !== "HEAD") return refuse(405, "Use GET.", { Allow: "GET, HEAD" });
  const verdict = await checkBearerToken(request.headers.get("Authorization"), env.METRICS_TOKEN);
  if (verdict !== "right") return REFUSALS[verdict]();
  return await expose(request, env, context);
}

const REFUSALS: Readonly<Record<Exclude<TokenVerdict, "right">, () => Response>> = {
  unavailable: () => refuse(503, "METRICS_TOKEN is not configured: set it with wrangler secret put METRICS_TOKEN."),
  missing: () => refuse(401, "Present the token as: Authorization: Bearer TOKEN", { "WWW-Authenticate": "Bearer" }),
  wrong: () => refuse(403, "The token is wrong."),
};

/** All shards or none: the sum of some would look as if counters had been set back. */
async function expose(request: Request, env: TelemetryEnv, context: ExecutionContext): Promise<Response> {
  const shards = allShards(env.METRICS_SHARDS);
  let states;
  try {
    states = await Promise.all(shards.map((shard) => shard.read()));
  } catch {
    return refuse(503, "A shard did not answer: scrape again.", { "Retry-After": "5" });
  }
  const totals = mergeShards(states, Date.now());
  if (totals.expired.length > 0) {
    context.waitUntil(Promise.all(shards.map((shard) => shard.forget(totals.expired))));
  }
  const format = chooseFormat(request.headers.get("Accept"));
  return new Response(formatExposition(collectSamples(totals), format), {
    headers: { ...HEADERS, "Content-Type": CONTENT_TYPES[format], Vary: "Accept" },
  });
}

const HEADERS = { "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff" } as const;

function refuse(status: number, message: string, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(`${message}\n`, {
    status,
    headers: { ...HEADERS, "Content-Type": "text/plain; charset=utf-8", ...headers },
  });
}
