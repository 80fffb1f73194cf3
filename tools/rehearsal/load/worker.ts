// The load in a thread of its own, so that what the rehearsal does meanwhile cannot delay it.
import { parentPort, workerData } from "node:worker_threads";

import { startEngine } from "./engine.ts";
import type { LoadMessage } from "./index.ts";
import type { LoadOptions } from "./load-options.ts";

const REPORT_EVERY_MS = 500;

function main(options: LoadOptions): void {
  const port = parentPort;
  if (port === null) throw new Error("the load runs in a worker thread only");
  const engine = startEngine(options);
  const post = (message: LoadMessage): void => port.postMessage(message);
  const report = (): void => post({ kind: "report", report: engine.takeReport() });
  const timer = setInterval(report, REPORT_EVERY_MS);
  void engine.calibration.then((calibration) => post({ kind: "calibrated", calibration }));
  port.once("message", () => void finish());

  async function finish(): Promise<void> {
    clearInterval(timer);
    const expectations = await engine.stop();
    report();
    post({ kind: "done", expectations });
    port?.close();
  }
}

main(workerData);
