import { describe, test } from "vitest";

import { HELP, parseChaosOptions } from "../../../../tools/chaos/options.ts";
import { UsageError } from "../../../../tools/command/usage-error.ts";

describe("options of npm run test:chaos", () => {
  test("the whole run, with a seed of its own, when nothing is said", ({ expect }) => {
    const options = parseChaosOptions([]);
    expect(options).toMatchObject({ operations: 50_000, faults: 232, kills: 5, clients: 24, rate: 250, seconds: 900 });
    expect(options?.seed).toBeGreaterThanOrEqual(0);
  });

  test("a run in short, again", ({ expect }) => {
    const args = "--operations 8000 --faults 60 --kills 1 --clients 8 --rate 100 --seconds 60 --seed 7".split(" ");
    expect(parseChaosOptions(args)).toEqual({
      operations: 8_000,
      faults: 60,
      kills: 1,
      clients: 8,
      rate: 100,
      seconds: 60,
      seed: 7,
    });
  });

  test("help is asked for by null, and names every option", ({ expect }) => {
    expect(parseChaosOptions(["--help"])).toBeNull();
    for (const name of ["operations", "faults", "kills", "clients", "rate", "seconds", "seed"])
      expect(HELP).toContain(`--${name} N`);
  });

  test.for([
    ["--clients", "100"],
    ["--operations", "0"],
    ["--seed", "-1"],
    ["--speed", "9"],
  ])("%s %s", (args, { expect }) => {
    expect(() => parseChaosOptions(args)).toThrow(UsageError);
  });
});
