import { describe, test } from "vitest";

import { HELP } from "../../../bench/command/help.ts";
import { parseBenchOptions } from "../../../bench/command/options.ts";
import { parseGuardOptions } from "../../../bench/guard/options.ts";
import { parseProfileOptions } from "../../../bench/profile/options.ts";
import { SCENARIOS } from "../../../bench/scenarios/index.ts";
import { VARIANT_NAMES } from "../../../bench/variants/index.ts";
import { UsageError } from "../../../tools/command/usage-error.ts";

describe("npm run bench", () => {
  test("without options, everything is measured", ({ expect }) => {
    const options = parseBenchOptions([]);
    expect(options?.scenarios).toEqual(SCENARIOS);
    expect(options).toMatchObject({
      mode: "matrix",
      connections: [1, 16, 64, 256],
      rounds: 5,
      variants: [...VARIANT_NAMES],
      hasChosenVariants: false,
      seconds: 3,
      warmupSeconds: 1,
      loadTool: null,
      jsonFile: null,
      saveAs: null,
    });
  });

  test("a part of it, in the order of the report", ({ expect }) => {
    const options = parseBenchOptions(
      "--scenario mixed,health --scenario patch --connections 16,64 --rounds 2 --variants floor,api --json a.json".split(
        " ",
      ),
    );
    expect(options?.scenarios.map(({ name }) => name)).toEqual(["health", "patch", "mixed"]);
    expect(options).toMatchObject({ connections: [16, 64], rounds: 2, variants: ["floor", "api"], jsonFile: "a.json" });
    expect(options?.hasChosenVariants).toBe(true);
  });

  test("growth takes fewer rounds, unless it is told how many", ({ expect }) => {
    expect(parseBenchOptions(["--growth"])).toMatchObject({ mode: "growth", rounds: 3 });
    expect(parseBenchOptions(["--growth", "--rounds", "7"])?.rounds).toBe(7);
    expect(parseBenchOptions(["--soak", "--minutes", "9"])).toMatchObject({ mode: "soak", minutes: 9 });
  });

  test("targets are a name and a URL, with a path or without", ({ expect }) => {
    const options = parseBenchOptions(["--target", "go=http://127.0.0.1:8080/", "--target", "old=https://a.example/b"]);
    expect(options?.targets).toEqual([
      { name: "go", origin: "http://127.0.0.1:8080" },
      { name: "old", origin: "https://a.example/b" },
    ]);
  });

  test.for([
    ["--scenario=nothing", "--scenario knows health"],
    ["--variants=api,", "--variants knows api"],
    ["--connections=0", "--connections must be a whole number from 1"],
    ["--rounds=many", "--rounds must be"],
    ["--load-tool=ab", "--load-tool knows wrk, autocannon"],
    ["--target=http://a.example", "--target must be NAME=URL"],
    ["--target=floor=http://a.example", "another service with the name floor"],
    ["--save=../x", "--save must be a name"],
    ["--nonsense", "Unknown option"],
  ] as const)("%s is refused", ([flag, message], { expect }) => {
    expect(() => parseBenchOptions([flag])).toThrow(UsageError);
    expect(() => parseBenchOptions([flag])).toThrow(message);
  });

  test("one kind of measurement at a time", ({ expect }) => {
    expect(() => parseBenchOptions(["--soak", "--growth"])).toThrow("--soak, --growth");
  });

  test("the help names every scenario and option", ({ expect }) => {
    expect(parseBenchOptions(["--help"])).toBeNull();
    for (const { name } of SCENARIOS) expect(HELP).toContain(name);
    for (const flag of ["--target", "--load-tool", "--warmup", "--save", "--cold-start"]) expect(HELP).toContain(flag);
  });
});

test("the guard and the profile have defaults of their own", ({ expect }) => {
  expect(parseGuardOptions([])).toEqual({ rounds: 5, seconds: 3, isSlowed: false, hasBatches: false });
  expect(parseGuardOptions(["--plant-slowdown"])?.isSlowed).toBe(true);
  expect(parseGuardOptions(["--plant-batches"])?.hasBatches).toBe(true);
  expect(parseProfileOptions([])).toMatchObject({ seconds: 10, connections: 16, outFolder: null });
  expect(parseProfileOptions(["--scenario", "create"])?.scenario.name).toBe("create");
  expect(() => parseProfileOptions(["--scenario", "none"])).toThrow(UsageError);
  expect([parseGuardOptions(["-h"]), parseProfileOptions(["-h"])]).toEqual([null, null]);
});
