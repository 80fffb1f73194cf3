import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";

import { createControlProbe } from "../room/control-probe.ts";
import type { RoomSample } from "../room/sample.ts";
import { createShedder } from "../room/shedder.ts";
import { watchStarvation } from "../room/starvation.ts";
import type { Expectation } from "./book.ts";
import { type Calibration, calibrate, CALIBRATION_CLIENTS, MEASURING_MS, WARM_UP_MS } from "./calibration.ts";
import { type Callers, createCallers } from "./callers.ts";
import type { LoadOptions } from "./load-options.ts";
import { createPacer } from "./pacer.ts";
import { createRandom } from "./random.ts";
import type { RequestRecord } from "./record.ts";

/** What happened since the last report. */
export interface LoadReport {
  readonly records: readonly RequestRecord[];
  readonly room: RoomSample;
}

export interface Engine {
  /** Resolves when the load goes at its own rate. */
  readonly calibration: Promise<Calibration>;
  takeReport(): LoadReport;
  /** Sends no more, waits for the answers under way, and gives what the database must now hold. */
  stop(): Promise<readonly Expectation[]>;
}

const TICK_MS = 5;
const LAG_RESOLUTION_MS = 10;

/** Begins to send at once. */
export function startEngine(options: LoadOptions): Engine {
  const random = createRandom(options.seed);
  const callers = createCallers(options, random, now);
  const shedder = createShedder();
  const control = createControlProbe(options.controlOrigin, shedder, now);
  const lag = monitorEventLoopDelay({ resolution: LAG_RESOLUTION_MS });
  lag.enable();
  const started = Promise.withResolvers<Calibration>();
  // The emulator runs in this process, so that the runtimes are its children.
  const starvation = watchStarvation(process.pid);
  let shed = 0;
  let isStopping = false;

  const turns = async (until: number, turn: (at: number) => void): Promise<void> => {
    while (!isStopping && now() < until) {
      const at = now();
      control.tick(at);
      turn(at);
      await sleep(TICK_MS);
    }
  };
  const run = async (): Promise<void> => {
    const { rate, maxRate } = options;
    const calibration = rate === null ? await measureCapacity(callers, turns, maxRate) : { capacity: null, rate };
    started.resolve(calibration);
    const pacer = createPacer(calibration.rate, random, now());
    await turns(Number.POSITIVE_INFINITY, (at) => {
      for (let count = pacer.due(at); count > 0; count -= 1) {
        if (shedder.admits(at)) callers.begin();
        else shed += 1;
      }
    });
  };

  const running = run();
  return {
    calibration: started.promise,
    takeReport() {
      const lagMs = Math.max(0, lag.max / 1e6 - LAG_RESOLUTION_MS);
      lag.reset();
      const at = now();
      const starvedShare = starvation.look(at);
      shedder.onLag(lagMs, at);
      shedder.onStarved(starvedShare, at);
      const report = { records: callers.take(), room: { at, lagMs, starvedShare, controls: control.take(), shed } };
      shed = 0;
      return report;
    },
    async stop() {
      isStopping = true;
      await running;
      await callers.finish();
      control.close();
      lag.disable();
      return callers.expectations();
    },
  };
}

type Turns = (until: number, turn: (at: number) => void) => Promise<void>;

/** Keeps all clients busy for some seconds. */
async function measureCapacity(callers: Callers, turns: Turns, maxRate: number): Promise<Calibration> {
  const keepBusy = (): void => {
    while (callers.underWay() < CALIBRATION_CLIENTS) callers.begin();
  };
  await turns(now() + WARM_UP_MS, keepBusy);
  const before = callers.answered();
  await turns(now() + MEASURING_MS, keepBusy);
  return calibrate(callers.answered() - before, maxRate);
}

/** Milliseconds since 1970 that never go back, so that the order of records is that of the requests. */
function now(): number {
  return performance.timeOrigin + performance.now();
}
