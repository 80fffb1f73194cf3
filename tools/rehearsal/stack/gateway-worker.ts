import { parentPort, workerData } from "node:worker_threads";

import { startGateway } from "../../dev/gateway/index.ts";
import type { GatewayJob } from "./gateway.ts";

async function main({ postgresUrl, faults }: GatewayJob): Promise<void> {
  const gateway = await startGateway({ postgresUrl });
  for (const fault of faults) gateway.inject(fault);
  parentPort?.once("message", () => void gateway.close());
  parentPort?.postMessage({ url: gateway.url, connectionString: gateway.connectionString });
}

await main(workerData);
