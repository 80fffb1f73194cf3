import { StageFailure } from "../../stage-failure.ts";
import type { LookedAt, LookedAtVersion, Looks } from "../companion.ts";
import { askPatiently } from "../patience.ts";
import { callByConnect, callByGrpcWeb, readHealth, type RpcAnswer, type RpcCallOptions } from "./calls.ts";

export interface RpcLooksOptions extends LookedAt {
  readonly fetch?: typeof fetch;
}

/** Only the API asks for credentials: whoever is refused by it has reached it. */
const REFUSED = "unauthenticated";

const CHECKS = [
  { name: "GET /health", ask: readHealth, wanted: "ok" },
  { name: "A call by Connect", ask: callByConnect, wanted: REFUSED },
  { name: "A call by gRPC-Web", ask: callByGrpcWeb, wanted: REFUSED },
] as const;

/** Looks at the health, and at calls without credentials by both protocols. */
export function createRpcLooks(options: RpcLooksOptions): Looks {
  return {
    async before(signal) {
      const { said, versionId } = await readHealth({ ...options, versionId: null, signal });
      if (said === "ok" && versionId !== null) return `${options.url}/health is answered by ${versionId}.`;
      const by = versionId === null ? " by a version without a name" : "";
      throw new StageFailure([`${options.url}/health gives ${said}${by}. Check RPC_URL.`]);
    },
    async at(version, signal) {
      for (const check of CHECKS) await examine(options, version, check, signal);
      return "The new version is healthy, and its calls by Connect and gRPC-Web reach the API.";
    },
  };
}

/** @throws StageFailure */
async function examine(
  options: RpcLooksOptions,
  { versionId, usesOverride }: LookedAtVersion,
  { name, ask, wanted }: (typeof CHECKS)[number],
  signal: AbortSignal,
): Promise<void> {
  const call: RpcCallOptions = { ...options, versionId: usesOverride ? versionId : null, signal };
  const answer = await askPatiently(() => ask(call), isPassing, options.clock, signal);
  if (answer.versionId !== versionId) {
    const by = answer.versionId ?? "a version without a name";
    throw new StageFailure([`${name} is answered by ${by}, not by ${versionId}: ${answer.said}.`]);
  }
  if (answer.said !== wanted) throw new StageFailure([`${name} gives ${answer.said} instead of ${wanted}.`]);
}

/** The API may be overloaded, or limit those who fail to tell who they are. */
function isPassing({ said }: RpcAnswer): boolean {
  return said === "unavailable" || said === "resource_exhausted" || said.startsWith("no answer");
}
