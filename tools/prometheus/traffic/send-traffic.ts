import type { CommandContext } from "../../command/run-command.ts";
import type { Checks } from "../../previous-release/checks.ts";
import { queryValue } from "../monitoring/query.ts";
import type { Monitoring } from "../monitoring/start-monitoring.ts";
import { type ApiVersion, PROBE_PATH, type PrometheusStack } from "../stack/start-stack.ts";
import { waitUntil } from "../wait-until.ts";
import { type Client, createClient, type Sending } from "./client.ts";
import { createMix, type Kind, USER, USERS } from "./mix.ts";

export interface TrafficOptions {
  readonly requests: number;
  readonly stack: PrometheusStack;
  readonly monitoring: Monitoring;
  readonly checks: Checks;
  readonly context: CommandContext;
}

const CONCURRENCY = 64;
const UP = 'up{job="users-api-production"}';

/**
 * Sends the mix to both versions at once, in three parts: with telemetry, while it is dead, and with it again. Gives the client, which has
 * counted every answer of the stack's life.
 */
export async function sendTraffic(options: TrafficOptions): Promise<{ client: Client; mix: readonly Kind[] }> {
  const { requests, stack, monitoring, checks, context } = options;
  const { progress, signal } = context;
  const client = createClient();
  for (const { id, tag } of stack.versions) {
    const labels = { version_id: id, version_tag: tag };
    client.ledger.note({ method: "GET", route: PROBE_PATH, status: "200", ...labels }, Number.POSITIVE_INFINITY);
  }
  const mix = createMix(stack.keys, await createUser(client, stack));
  const all = [...inParts(createSendings(mix, stack.versions, requests))];
  const send = async (part: readonly Sending[] = []): Promise<void> => {
    progress.line(`${part.length} requests to two versions, ${CONCURRENCY} at a time`);
    await client.sendAll(part, CONCURRENCY, signal);
  };
  await send(all[0]);
  await stack.telemetry.kill();
  progress.line("telemetry is killed");
  const isDown = async (): Promise<string | null> =>
    (await queryValue(monitoring, UP)) === 0 ? null : "Prometheus has not noticed";
  await Promise.all([
    send(all[1]),
    checks.run("Prometheus sees that telemetry is dead: up is 0", async () => {
      await waitUntil(isDown, { what: `${UP} == 0`, signal });
    }),
  ]);
  await stack.telemetry.start();
  progress.line("telemetry is back");
  await send(all[2]);
  await checks.run("every request was answered as expected, with telemetry or without", async () => {
    const { surprises } = client;
    if (surprises.length > 0) throw new Error([`${surprises.length} were not:`, ...surprises.slice(0, 5)].join("\n"));
  });
  return { client, mix };
}

/** The one user that the mix asks for. */
async function createUser(client: Client, { versions: [version], keys }: PrometheusStack) {
  const headers = { "X-API-Key": keys.caller, "Content-Type": "application/json" };
  const request = { method: "POST", path: USERS, route: USERS, headers, body: JSON.stringify(USER) };
  const { headers: answer } = await client.send({ version, request, expected: 201 });
  const { location = "", etag = "" } = answer;
  return { id: location.slice(location.lastIndexOf("/") + 1), etag };
}

/** Three of five requests go to the first version; each kind in turn, so that all of them meet. */
function createSendings(
  mix: readonly Kind[],
  versions: readonly [ApiVersion, ApiVersion],
  requests: number,
): Sending[] {
  const hundred = mix.flatMap((kind) => Array.from({ length: kind.share }, () => kind));
  return Array.from({ length: requests }, (_, index) => {
    const request = hundred[(index * 37) % hundred.length] ?? mix[0];
    if (request === undefined) throw new Error("the mix is empty");
    const version = Math.floor(index / hundred.length) % 5 < 3 ? versions[0] : versions[1];
    return { version, request, expected: request.status };
  });
}

function* inParts(sendings: readonly Sending[]): Generator<readonly Sending[]> {
  const size = Math.ceil(sendings.length / 3);
  for (let from = 0; from < sendings.length; from += size) yield sendings.slice(from, from + size);
}
