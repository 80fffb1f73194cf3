import { describe, test } from "vitest";

import { runDue } from "../../../../../tools/cloudflare-emulator/control-plane/cron-ticker.ts";
import { parseCron } from "../../../../../tools/cloudflare-emulator/control-plane/rules/cron.ts";
import { newScript } from "../../../../../tools/cloudflare-emulator/control-plane/state/records.ts";

/** A Friday. */
const AT_17 = "2026-11-20T08:17:00Z";

const isDue = (expression: string, time: string): boolean => parseCron(expression)(new Date(time));

describe("a cron expression", () => {
  test.for([
    ["* * * * *", true],
    ["17 * * * *", true],
    ["18 * * * *", false],
    ["17 8 20 11 *", true],
    ["17 8 20 nov *", true],
    ["17 8 21 11 *", false],
    ["17 8 20 12 *", false],
    ["0,17,30 * * * *", true],
    ["10-20 * * * *", true],
    ["18-20 * * * *", false],
    ["*/17 * * * *", true],
    ["*/5 * * * *", false],
    ["2/5 * * * *", true],
    ["10-20/7 * * * *", true],
    ["11-20/7 * * * *", false],
    ["17 * * * fri", true],
    ["17 * * * FRI", true],
    ["17 * * * mon-thu", false],
  ] as const)("%s is due: %s", ([expression, expected], { expect }) => {
    expect(isDue(expression, AT_17)).toBe(expected);
  });

  test("counts weekdays from 1 for Sunday, as Cloudflare does", ({ expect }) => {
    expect(isDue("17 8 * * 6", AT_17)).toBe(true);
    expect(isDue("17 8 * * 5", AT_17)).toBe(false);
    expect(isDue("0 0 * * 1", "2026-11-22T00:00:00Z")).toBe(true);
  });

  test("with a day and a weekday is due on either; only a bare asterisk restricts nothing", ({ expect }) => {
    expect(isDue("17 8 1 * fri", AT_17)).toBe(true);
    expect(isDue("17 8 20 * mon", AT_17)).toBe(true);
    expect(isDue("17 8 1 * mon", AT_17)).toBe(false);
    expect(isDue("17 8 */2 * fri", AT_17)).toBe(true);
  });

  test("is in UTC", ({ expect }) => {
    expect(isDue("30 23 31 12 *", "2026-12-31T23:30:59Z")).toBe(true);
    expect(isDue("30 23 31 12 *", "2027-01-01T00:30:00+01:00")).toBe(true);
  });

  test.for([
    "",
    "* * * *",
    "* * * * * *",
    "60 * * * *",
    "* 24 * * *",
    "* * 0 * *",
    "* * * 13 *",
    "* * * * 0",
    "* * * * 8",
  ])("%j is refused", (expression, { expect }) => {
    expect(() => parseCron(expression)).toThrow();
  });

  test.for([
    "*/0 * * * *",
    "5-1 * * * *",
    "1-2-3 * * * *",
    "a * * * *",
    "1,, * * * *",
    "-1 * * * *",
    "1/2/3 * * * *",
    "@daily",
    "* * ? * *",
    "* * * * 1-8",
  ])("%j is refused, and the message shows what is wrong", (expression, { expect }) => {
    expect(() => parseCron(expression)).toThrow(/\S/);
  });

  test.for([
    ["0 0 L * *", "2026-11-30T00:00:00Z"],
    ["0 0 LW * *", "2026-10-30T00:00:00Z"],
    ["0 0 15W * *", "2026-11-16T00:00:00Z"],
    ["0 0 * * 6L", "2026-11-27T00:00:00Z"],
    ["0 0 * * fri#2", "2026-11-13T00:00:00Z"],
  ] as const)("%s is due at %s, and not a week earlier", ([expression, time], { expect }) => {
    expect(isDue(expression, time)).toBe(true);
    const weekBefore = new Date(Date.parse(time) - 7 * 24 * 60 * 60 * 1_000).toISOString();
    expect(isDue(expression, weekBefore)).toBe(false);
  });
});

describe("the ticker", () => {
  const deployments = [{ id: "d", createdOn: AT_17, annotations: {}, versions: [{ versionId: "v", percentage: 100 }] }];
  const script = (name: string, crons: string[]) => ({
    ...newScript({ name, tag: "t", createdOn: AT_17 }),
    deployments,
    crons,
  });

  test("runs what is due of what is deployed, and tells the outcomes", async ({ expect }) => {
    const lines: string[] = [];
    await runDue({
      scripts: () => [
        script("a", ["17 * * * *", "18 * * * *"]),
        script("b", ["* * * * *"]),
        { ...script("c", ["* * * * *"]), deployments: [] },
      ],
      runCron: async (name) => {
        if (name === "b") throw new Error("it is gone");
        return "ok";
      },
      now: () => new Date(AT_17),
      log: (line) => lines.push(line),
    });
    expect(lines.toSorted()).toEqual(["a  cron 17 * * * *: ok", "b  cron * * * * * failed: it is gone"]);
  });
});
