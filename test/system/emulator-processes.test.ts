import { afterAll, beforeAll, describe, test } from "vitest";

import { StartupError } from "../../tools/cloudflare-emulator/model.ts";
import { type DataPlaneStack, POLL, runtimeProcesses, startDataPlaneStack } from "../support/emulator-data-plane.ts";
import { makeScript } from "../support/versions.ts";

let stack: DataPlaneStack;

beforeAll(async () => {
  stack = await startDataPlaneStack();
});

afterAll(async () => {
  await stack.stop();
});

describe("The process of a version", () => {
  test("is not kept when it cannot start; the message is that of the runtime", async ({ expect }) => {
    const script = makeScript("sound", [[stack.version(), 100]]);
    await stack.dataPlane.publish(script);
    const before = runtimeProcesses().length;
    const broken = stack.make.version("const a = 1;\nthrow new TypeError('no database');\nexport default {};");
    await expect(stack.dataPlane.tryStart(script, broken)).rejects.toThrow(
      "Uncaught TypeError: no database\n  at index.js:2:7",
    );
    const unknown = stack.make.version("export default {};", { bindings: [{ name: "BUCKET", type: "r2_bucket" }] });
    await expect(stack.dataPlane.tryStart(script, unknown)).rejects.toThrow(StartupError);
    await expect(stack.dataPlane.publish(makeScript("sound", [[broken, 100]]))).rejects.toThrow(StartupError);
    expect(runtimeProcesses()).toHaveLength(before);
    expect((await stack.fetch("sound", "/")).status).toBe(200);
  });

  test("is kept before its deployment, one for each script", async ({ expect }) => {
    const [first, second] = [stack.version(), stack.version()];
    expect(await stack.dataPlane.tryStart(makeScript("fresh", []), first)).toBeGreaterThan(0);
    const isRunning = (id: string): boolean =>
      stack.dataPlane.stats("fresh").some((entry) => entry.versionId === id && entry.isRunning);
    expect(isRunning(first.id)).toBe(true);
    await stack.dataPlane.tryStart(makeScript("fresh", []), second);
    await expect.poll(() => [isRunning(first.id), isRunning(second.id)], POLL).toEqual([false, true]);
  });

  test("ends after what its last answers left to do", async ({ expect }) => {
    const [first, second] = [stack.version(), stack.version()];
    await stack.dataPlane.publish(makeScript("late", [[first, 100]]));
    expect(await stack.dataPlane.runCron("late", "17 * * * *")).toBe("ok");
    await (await stack.fetch("late", "/late")).text();
    await stack.dataPlane.publish(makeScript("late", [[second, 100]]));
    const own = (): string[] => stack.lines.filter((line) => line.startsWith(`late ${first.id.slice(0, 8)} `));
    await expect.poll(() => own().at(-1), POLL).toMatch(/stopped$/);
    expect(own().join("\n")).toMatch(/\| cron 17 \* \* \* \*\n.*\| late work done\n.*stopped$/);
    await stack.dataPlane.remove("late");
  });

  test("is not kept by requests whose client left, or that take too long", async ({ expect }) => {
    const [first, second] = [stack.version(), stack.version()];
    const impatient = await stack.start("impatient", { drainTimeoutMs: 100 });
    await impatient.publish(makeScript("api", [[first, 100]]));
    const url = `${impatient.originOf("api")}/hang`;
    const inFlight = (): number[] => impatient.stats("api").map((entry) => entry.inFlight);
    const leaving = new AbortController();
    await fetch(url, { signal: leaving.signal });
    expect(inFlight()).toEqual([1]);
    leaving.abort();
    await expect.poll(inFlight, POLL).toEqual([0]);

    const hanging = await fetch(url);
    await impatient.publish(makeScript("api", [[second, 100]]));
    await expect(hanging.text()).rejects.toThrow("terminated");
    expect(stack.lines.join("\n")).toMatch(/cut off with 1 in flight/);
    await impatient.close();
  });

  test("starts again after a crash; requests in flight are lost, and say so", async ({ expect }) => {
    const version = stack.version();
    const before = new Set(runtimeProcesses());
    await stack.dataPlane.publish(makeScript("crashing", [[version, 100]]));
    const [pid] = runtimeProcesses().filter((id) => !before.has(id));
    const lost = stack.fetch("crashing", "/wait");
    await expect.poll(() => stack.dataPlane.stats("crashing")[0]?.inFlight, POLL).toBe(1);
    process.kill(pid ?? 0, "SIGKILL");
    expect((await lost).status).toBe(502);
    expect((await lost).headers.get("x-emulator-error")).toMatch(/^The version was lost: /);
    await expect.poll(async () => (await stack.fetch("crashing", "/")).status, POLL).toBe(200);
    await expect.poll(() => stack.lines.join("\n"), POLL).toContain("crashed and runs again");
  });

  test("ends with the data plane, whose ports are the same the next time", async ({ expect }) => {
    const before = new Set(runtimeProcesses());
    const version = stack.version();
    const first = await stack.start("restarted");
    await first.publish(makeScript("restarted", [[version, 100]]));
    const origin = first.originOf("restarted");
    await first.close();
    await first.close();
    expect(runtimeProcesses().filter((id) => !before.has(id))).toEqual([]);
    const second = await stack.start("restarted");
    await second.publish(makeScript("restarted", [[version, 100]]));
    expect(second.originOf("restarted")).toBe(origin);
    await second.close();
  });
});
