import { spawn } from "node:child_process";

/** Other work beside a rehearsal, to see what it says then: processes that use all the processor time they get. */
export interface BusyLoops {
  stop(): void;
}

const COUNT = 2;
/** A third of the time. */
const BUSY_MS = 20_000;
const CALM_MS = 40_000;
/** Ends by itself, should nobody be left to end it. */
const LOOP = `const end = Date.now() + ${BUSY_MS + 1_000}; while (Date.now() < end);`;

/** Runs them for 20 s, then not for 40 s, and so on, until it is stopped. */
export function startBusyLoops(log: (line: string) => void): BusyLoops {
  let children: ReturnType<typeof spawn>[] = [];
  let timer: NodeJS.Timeout;
  const end = (): void => {
    for (const child of children) child.kill("SIGKILL");
    children = [];
  };
  const rest = (): void => {
    end();
    timer = setTimeout(work, CALM_MS);
  };
  const work = (): void => {
    log(`disturbing: ${COUNT} busy loops for ${BUSY_MS / 1_000} s`);
    children = Array.from({ length: COUNT }, () => spawn(process.execPath, ["-e", LOOP], { stdio: "ignore" }));
    timer = setTimeout(rest, BUSY_MS);
  };
  work();
  return {
    stop() {
      clearTimeout(timer);
      end();
    },
  };
}
