import { Worker } from "node:worker_threads";

import type { RoomSample } from "../room/sample.ts";
import type { Expectation } from "./book.ts";
import type { Calibration } from "./calibration.ts";
import type { LoadReport } from "./engine.ts";
import type { LoadOptions } from "./load-options.ts";
import type { RequestRecord } from "./record.ts";

/** What the thread of the load tells. */
export type LoadMessage =
  | { readonly kind: "calibrated"; readonly calibration: Calibration }
  | { readonly kind: "report"; readonly report: LoadReport }
  | { readonly kind: "done"; readonly expectations: readonly Expectation[] };

/** A load under way. */
export interface Load {
  /** Every request that has ended so far, in the order of their ends. */
  readonly records: readonly RequestRecord[];
  /** The room that the generator had, in the order of time. */
  readonly room: readonly RoomSample[];
  /** Resolves when the load goes at its own rate. */
  readonly calibration: Promise<Calibration>;
  /** Rejects when the load itself breaks; never resolves. */
  readonly failure: Promise<never>;
  /** Lets the requests under way end and gives what the database must now hold. */
  stop(): Promise<readonly Expectation[]>;
  /** Ends it at once. */
  kill(): Promise<void>;
}

/** Starts clients in a thread of their own. */
export function startLoad(options: LoadOptions): Load {
  const worker = new Worker(new URL("worker.ts", import.meta.url), { workerData: options });
  const records: RequestRecord[] = [];
  const room: RoomSample[] = [];
  const calibrated = Promise.withResolvers<Calibration>();
  const done = Promise.withResolvers<readonly Expectation[]>();
  const failure = Promise.withResolvers<never>();
  const fail = (error: Error): void => {
    calibrated.reject(error);
    done.reject(error);
    failure.reject(error);
  };
  // Whoever does not wait for one of them is not to be ended by it.
  for (const promise of [calibrated.promise, done.promise, failure.promise]) void promise.catch(() => undefined);
  worker.on("message", (message: LoadMessage) => {
    if (message.kind === "done") done.resolve(message.expectations);
    else if (message.kind === "calibrated") calibrated.resolve(message.calibration);
    else {
      records.push(...message.report.records);
      room.push(message.report.room);
    }
  });
  worker.on("error", fail);
  worker.on("exit", () => fail(new Error("the load ended before it was told to")));
  return {
    records,
    room,
    calibration: calibrated.promise,
    failure: failure.promise,
    async stop() {
      worker.postMessage("stop");
      return await done.promise;
    },
    async kill() {
      await worker.terminate();
    },
  };
}
