import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import type { Emulator } from "../../cloudflare-emulator/emulator.ts";
import { addBinding, telemetryWorker } from "../../telemetry/bind/binding.ts";
import type { ProjectCopy } from "../scenarios/project-copy.ts";
import { type Deployment, runWrangler, waitUntilLive } from "../stack/deploy.ts";
import { type Disturbances, findMiscounts, readCounts, type TelemetryEvidence } from "./counts.ts";

export const TELEMETRY_WORKER = telemetryWorker("production");

const TOKEN_BYTES = 32;
const CONFIG = "telemetry/wrangler.toml";
/** An isolate waits a second for company before it delivers, and up to some more for what it has to repeat. */
const COUNTED_TIMEOUT_MS = 60_000;
const POLL_MS = 500;

/** The telemetry Worker of the rehearsal. */
export interface RehearsedTelemetry {
  readonly origin: string;
  readonly token: string;
  /** Loses the answer to a batch, and ends all objects at once. */
  disturb(): Promise<void>;
  /** Waits until it has counted what the edge has answered, or some time. */
  collect(worker: string): Promise<TelemetryEvidence>;
}

/** Writes the API's binding, and deploys telemetry before the API, as an operator does on the first day. */
export async function deployTelemetry(
  copy: ProjectCopy,
  emulator: Emulator,
  { folder, ...deployment }: Deployment & { readonly folder: string },
): Promise<RehearsedTelemetry> {
  const token = randomBytes(TOKEN_BYTES).toString("hex");
  const secretsFile = join(folder, "telemetry-secrets.json");
  writeFileSync(secretsFile, JSON.stringify({ METRICS_TOKEN: token }), { mode: 0o600 });
  const target = ["--config", CONFIG, "--env", "production"];
  await runWrangler(copy.folder, ["deploy", ...target, "--secrets-file", secretsFile], deployment);
  copy.write("wrangler.toml", addBinding(copy.read("wrangler.toml"), "production"));
  const origin = emulator.originOf(TELEMETRY_WORKER);
  if (origin === null) throw new Error(`${TELEMETRY_WORKER} has no address after its deployment`);
  const telemetry = createTelemetry(emulator, origin, token);
  await waitUntilLive(new URL("/metrics", origin), () => true, deployment.signal, authorization(token));
  return telemetry;
}

function createTelemetry(emulator: Emulator, origin: string, token: string): RehearsedTelemetry {
  const disturbances: Disturbances = { lostAnswers: 0, evictions: 0 };
  return {
    origin,
    token,
    async disturb() {
      emulator.faults.add({ loseRpcAnswers: 1 });
      disturbances.lostAnswers += 1;
      disturbances.evictions += 1;
      await emulator.dataPlane.evictObjects(TELEMETRY_WORKER);
    },
    async collect(worker) {
      const look = async (): Promise<TelemetryEvidence> => {
        const response = await fetch(new URL("/metrics", origin), { headers: authorization(token) });
        const counts = readCounts(response.ok ? await response.text() : "");
        return { edge: emulator.dataPlane.stats(worker), ...counts, disturbances: undelivered(emulator, disturbances) };
      };
      const deadline = Date.now() + COUNTED_TIMEOUT_MS;
      for (;;) {
        const evidence = await look();
        // Versions that rewrite statuses are told apart later.
        if (findMiscounts(evidence, () => true).missing.length === 0 || Date.now() > deadline) return evidence;
        await sleep(POLL_MS);
      }
    },
  };
}

/** A loss that has met no call did not happen. */
function undelivered(emulator: Emulator, { lostAnswers, evictions }: Disturbances): Disturbances {
  return { lostAnswers: lostAnswers - emulator.faults.list().dataPlane.loseRpcAnswers, evictions };
}

const authorization = (token: string): Record<string, string> => ({ Authorization: `Bearer ${token}` });
