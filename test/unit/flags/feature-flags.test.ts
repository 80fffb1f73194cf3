import { OpenFeature } from "@openfeature/server-sdk";
import { describe, test } from "vitest";

import { createFeatureFlags, type FlagAsker } from "../../../src/flags/feature-flags.ts";
import { createFlagFileProvider } from "../../../src/flags/flag-provider.ts";
import { createStaticFlagSource } from "../../../src/flags/flag-source.ts";
import { isInRollout } from "../../../src/flags/rollout.ts";
import type { FlagState } from "../../../src/models/feature-flag.ts";

const FLAG = "users-events-stream";

const stating = (state: FlagState | null) => createStaticFlagSource(new Map(state === null ? [] : [[FLAG, state]]));

function askAs(caller: string | null): FlagAsker & { readonly noted: [string, boolean][] } {
  const noted: [string, boolean][] = [];
  return { caller, background: null, noted, noteFlag: (name, isOn) => void noted.push([name, isOn]) };
}

describe("feature flags", () => {
  test.for([
    [null, true],
    ["on", true],
    ["off", false],
    ["0%", false],
    ["100%", true],
  ] as const)("that say %s are %s, which is noted", async ([state, isOn], { expect }) => {
    const flags = createFeatureFlags({ source: stating(state), clock: () => 0 });
    const asker = askAs("somebody");
    expect(await flags.isOn(FLAG, asker)).toBe(isOn);
    expect(asker.noted).toEqual([[FLAG, isOn]]);
  });

  test("are dealt out by caller, the same each time; whoever is nobody has the default", async ({ expect }) => {
    const flags = createFeatureFlags({ source: stating("50%"), clock: () => 0 });
    for (const caller of Array.from({ length: 40 }, (_, place) => `caller-${place}`)) {
      const answers = await Promise.all([1, 2].map(() => flags.isOn(FLAG, askAs(caller))));
      expect(answers).toEqual(Array.from({ length: 2 }, () => isInRollout(FLAG, caller, 50)));
    }
    expect(await flags.isOn(FLAG, askAs(null))).toBe(true);
  });

  test("of several apps in one isolate do not disturb each other", async ({ expect }) => {
    const apps = (["on", "off"] as const).map((state) =>
      createFeatureFlags({ source: stating(state), clock: () => 0 }),
    );
    expect(await Promise.all(apps.map((flags) => flags.isOn(FLAG, askAs("a"))))).toEqual([true, false]);
  });

  test("wait for their source, and for nothing once it is ready", async ({ expect }) => {
    const order: string[] = [];
    const source = {
      ...stating("off"),
      prepare: async () => {
        await Promise.resolve();
        order.push("prepared");
      },
    };
    const flags = createFeatureFlags({ source, clock: () => 0 });
    await flags.isOn(FLAG, { ...askAs("a"), noteFlag: () => void order.push("decided") });
    expect(order).toEqual(["prepared", "decided"]);
  });

  test("report what each of them says, and the age of the file", async ({ expect }) => {
    const source = {
      prepare: () => null,
      current: () => ({ file: "loaded" as const, flags: new Map([[FLAG, "25%" as const]]), readAt: 1_000 }),
    };
    const report = await createFeatureFlags({ source, clock: () => 1_250 }).report(null);
    expect(report).toEqual({ file: "loaded", ageMs: 250, flags: [{ name: FLAG, state: "25%", isDefault: false }] });
    expect(await createFeatureFlags({ source: stating(null), clock: () => 5 }).report(null)).toEqual({
      file: "absent",
      ageMs: null,
      flags: [{ name: FLAG, state: "on", isDefault: true }],
    });
  });
});

describe("the provider, as OpenFeature's SDK sees it", () => {
  const provider = createFlagFileProvider(() => stating("50%").current());
  OpenFeature.setProvider("the-provider-alone", provider);
  const client = OpenFeature.getClient("the-provider-alone");

  test("says why a flag is what it is", async ({ expect }) => {
    const reasonOf = async (state: FlagState | null) => {
      const one = createFlagFileProvider(() => stating(state).current());
      const details = await one.resolveBooleanEvaluation(FLAG, true, { targetingKey: "a" }, console);
      return details.reason;
    };
    expect(await Promise.all([null, "on" as const, "50%" as const].map(reasonOf))).toEqual([
      "DEFAULT",
      "STATIC",
      "SPLIT",
    ]);
    expect(await client.getBooleanDetails(FLAG, true)).toMatchObject({
      errorCode: "TARGETING_KEY_MISSING",
      value: true,
    });
  });

  test("has no flags of other types", async ({ expect }) => {
    const answers = [
      await client.getStringDetails(FLAG, "a"),
      await client.getNumberDetails(FLAG, 1),
      await client.getObjectDetails(FLAG, { a: 1 }),
    ];
    expect(answers.map(({ value }) => value)).toEqual(["a", 1, { a: 1 }]);
    for (const { errorCode } of answers) expect(errorCode).toBe("TYPE_MISMATCH");
  });
});
