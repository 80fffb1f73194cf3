import { describe, test } from "vitest";

import { UsageError } from "../../../../../tools/command/usage-error.ts";
import { parseRehearseOptions } from "../../../../../tools/rehearsal/rehearse-options.ts";
import { SCENARIOS } from "../../../../../tools/rehearsal/scenarios/scenarios.ts";

describe("the options of a rehearsal", () => {
  test("have defaults that make it complete", ({ expect }) => {
    expect(parseRehearseOptions([], "/project")).toEqual({
      scenarios: SCENARIOS,
      rate: null,
      maxRate: 135,
      isDisturbed: false,
      bake: "18s",
      seed: 1,
      outFolder: "/project/dist/rehearsal",
      keepsFolder: false,
      minRequests: 30_000,
    });
  });

  test("can cut it down", ({ expect }) => {
    const args = ["--only", "slow", "--rate", "20", "--bake", "2s", "--seed", "9", "--out", "out", "--keep"];
    const options = parseRehearseOptions(args, "/project");
    expect(options).toMatchObject({ rate: 20, bake: "2s", seed: 9, outFolder: "out", keepsFolder: true });
    expect(options?.minRequests).toBeNull();
    expect(options?.scenarios.map(({ name }) => name)).toEqual(["slow"]);
  });

  test("make a soak of many releases, a tenth of them bad", ({ expect }) => {
    const options = parseRehearseOptions(["--soak", "50"], "/project");
    const outcomes = options?.scenarios.map(({ expected }) => expected.live);
    expect([outcomes?.length, outcomes?.filter((live) => live === "previous").length]).toEqual([50, 5]);
    expect(options).toMatchObject({ bake: "6s", maxRate: 95, minRequests: 300_000 });
  });

  test("show the help text", ({ expect }) => {
    expect(parseRehearseOptions(["--help"], "/")).toBeNull();
  });

  test.for<[string[], string]>([
    [["--rate", "0"], "--rate must be a whole number from 1 to 1000"],
    [["--rate", "1e2"], "--rate"],
    [["--seed", "-1"], "--seed"],
    [["--bake", "8"], "--bake must be a time"],
    [["--only", "nothing"], "no scenario is named nothing"],
    [["--soak", "0"], "--soak"],
    [["--soak", "2", "--only", "good"], "exclude each other"],
    [["--fast"], "--fast"],
    [["good"], "good"],
  ])("%j is refused", ([args, message], { expect }) => {
    expect(() => parseRehearseOptions(args, "/")).toThrow(UsageError);
    expect(() => parseRehearseOptions(args, "/")).toThrow(message);
  });
});
