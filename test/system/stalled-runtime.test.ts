import { spawn } from "node:child_process";
import { request } from "node:http";
import { availableParallelism } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";

import { describe, onTestFinished, test } from "vitest";

import { childrenOf, commandOf } from "../../tools/process/processes.ts";
import { STARVED_SHARE } from "../../tools/rehearsal/room/shortage.ts";
import { watchStarvation } from "../../tools/rehearsal/room/starvation.ts";
import { startDataPlaneStack } from "../support/emulator-data-plane.ts";
import { startStack } from "../support/stack.ts";
import { makeScript } from "../support/versions.ts";

/*
 * A machine that is busy with other work gives a process no processor for seconds. Here the runtime is stopped and goes on, which
 * looks the same to it, and happens when it is told to.
 */

const runtimes = (): readonly number[] =>
  childrenOf(process.pid).filter((pid) => commandOf(pid)?.includes("workerd") === true);

async function stallFor(milliseconds: number): Promise<void> {
  const pids = runtimes();
  if (pids.length === 0) throw new Error("no runtime to stop");
  for (const pid of pids) process.kill(pid, "SIGSTOP");
  try {
    await sleep(milliseconds);
  } finally {
    for (const pid of pids) process.kill(pid, "SIGCONT");
  }
}

const count = (values: readonly string[]): Record<string, number> =>
  Object.fromEntries([...Map.groupBy(values, (value) => value)].map(([value, { length }]) => [value, length]));

const isLinux = process.platform === "linux";

describe("a runtime that gets no processor for seconds", () => {
  test.runIf(isLinux)("does not turn a deadline that passes meanwhile into a fault of ours", async ({ expect }) => {
    const stack = await startStack({ vars: { REQUEST_TIMEOUT_MS: "1000" } });
    onTestFinished(() => stack.stop());
    const upload = (serial: number, delayMs: number): Promise<string> =>
      new Promise((resolve, reject) => {
        const body = JSON.stringify({ username: `user-${serial}`, email: `${serial}@example.com`, full_name: "Ada" });
        const headers = { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(body) };
        const sent = request(
          new URL("/api/v1/users", stack.url),
          { method: "POST", agent: false, headers },
          (response) => {
            response.resume().once("end", () => resolve(String(response.statusCode)));
          },
        );
        sent.on("error", reject);
        sent.write(body.slice(0, 10));
        setTimeout(() => sent.end(body.slice(10)), delayMs);
      });
    const uploads = Array.from({ length: 40 }, (_, serial) => upload(serial, 500 + 50 * serial));
    await sleep(300);
    await stallFor(2_000);
    const answers = count(await Promise.all(uploads));
    expect(Object.keys(answers).filter((status) => !["201", "504"].includes(status))).toEqual([]);
    expect(answers["504"]).toBeGreaterThan(0);
    expect(stack.events().filter(({ problem }) => problem === "internal-error")).toEqual([]);
  });

  test.runIf(isLinux)("loses no request that reaches it through the emulator", async ({ expect }) => {
    const stack = await startDataPlaneStack();
    onTestFinished(() => stack.stop());
    await stack.dataPlane.publish(makeScript("stalled", [[stack.version(), 100]]));
    const ask = async (): Promise<string> => {
      try {
        return String((await stack.fetch("stalled", "/")).status);
      } catch (error) {
        return String(error);
      }
    };
    // Connections that are kept would have been idle for 5 s, which is all that the runtime allows, when it goes on.
    expect(count(await Promise.all(Array.from({ length: 40 }, ask)))).toEqual({ "200": 40 });
    const stall = stallFor(6_000);
    const asked = Array.from({ length: 40 }, ask);
    await stall;
    expect(count(await Promise.all(asked))).toEqual({ "200": 40 });
  });

  test.runIf(isLinux)("is seen in the scheduler's own figures", async ({ expect }) => {
    const starvation = watchStarvation(process.pid);
    expect(starvation.look(performance.now())).toBe(0);
    // Four for each processor: each of them waits for three quarters of the time. The last argument is what makes them runtimes.
    const loops = Array.from({ length: 4 * availableParallelism() }, () =>
      spawn(process.execPath, ["-e", "for (const end = Date.now() + 10_000; Date.now() < end;);", "workerd"]),
    );
    onTestFinished(() => loops.forEach((loop) => void loop.kill("SIGKILL")));
    await sleep(1_500);
    starvation.look(performance.now());
    await sleep(1_500);
    expect(starvation.look(performance.now())).toBeGreaterThan(STARVED_SHARE);
  });
});
