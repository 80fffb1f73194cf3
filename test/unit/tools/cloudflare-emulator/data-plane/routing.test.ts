import fc from "fast-check";
import { describe, test } from "vitest";

import { evenDraws } from "../../../../../tools/cloudflare-emulator/data-plane/routing/draw.ts";
import {
  chooseVersion,
  findTarget,
  keyPoint,
} from "../../../../../tools/cloudflare-emulator/data-plane/routing/routing.ts";
import type { Script, Version } from "../../../../../tools/cloudflare-emulator/model.ts";

const NEW = "aaaaaaaa-0000-4000-8000-000000000000";
const OLD = "bbbbbbbb-0000-4000-8000-000000000000";
const NO_HINTS = { overrides: null, key: null };
const noDraw = (): number => {
  throw new Error("A draw was not expected");
};
const split = (newShare: number) => [
  { versionId: NEW, percentage: newShare },
  { versionId: OLD, percentage: 100 - newShare },
];

describe("The version of a request", () => {
  test("is the one that the override names, at 0 % too", ({ expect }) => {
    const hints = { overrides: `other="${OLD}", api="${NEW}"`, key: "some key" };
    expect(chooseVersion("api", split(0), hints, noDraw)).toBe(NEW);
  });

  test.for([
    ["that is malformed", `api="${NEW}`],
    ["for another script", `api-staging="${NEW}"`],
    ["with a version outside the deployment", 'api="cccccccc-0000-4000-8000-000000000000"'],
    ["with the start of an id", 'api="aaaaaaaa"'],
    ["that is not a string", `api=${NEW}`],
  ] as const)("is not changed by an override %s", ([, overrides], { expect }) => {
    expect(chooseVersion("api", split(0), { overrides, key: null }, () => 0)).toBe(OLD);
  });

  test("is the same for a key every time, without a draw", ({ expect }) => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.integer({ min: 0, max: 100 }), (key, share) => {
        const versions = [1, 2, 3].map(() => chooseVersion("api", split(share), { overrides: null, key }, noDraw));
        expect(new Set(versions).size).toBe(1);
      }),
    );
  });

  test("never moves a key back while the first share grows", ({ expect }) => {
    const growing = fc.uniqueArray(fc.integer({ min: 0, max: 100 }), { minLength: 2 });
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), growing, (key, shares) => {
        const steps = shares
          .toSorted((left, right) => left - right)
          .map((share) => {
            return chooseVersion("api", split(share), { overrides: null, key }, noDraw);
          });
        expect(steps.lastIndexOf(OLD)).toBeLessThan(steps.includes(NEW) ? steps.indexOf(NEW) : Infinity);
      }),
    );
  });

  test("follows the percentages over many keys", ({ expect }) => {
    const points = Array.from({ length: 2_000 }, (_, index) => keyPoint("api", `key ${index}`));
    for (const share of [10, 50, 90]) {
      const below = points.filter((point) => point < share).length / 20;
      expect(Math.abs(below - share)).toBeLessThan(3);
    }
    expect(points.every((point) => point >= 0 && point < 100)).toBe(true);
  });

  test("is drawn for a request with an empty key", ({ expect }) => {
    expect(chooseVersion("api", split(10), { overrides: null, key: "" }, () => 0.0999)).toBe(NEW);
    expect(chooseVersion("api", split(10), NO_HINTS, () => 0.1)).toBe(OLD);
  });

  test("is none without a deployment", ({ expect }) => {
    expect(chooseVersion("api", [], NO_HINTS, () => 0)).toBeNull();
  });

  test("follows the percentages within a few hundred requests, wherever they start", ({ expect }) => {
    const start = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(start, fc.integer({ min: 0, max: 100 }), fc.integer({ min: 1, max: 10 }), (from, share, every) => {
        const draw = evenDraws(from);
        const versions = Array.from({ length: 300 * every }, () => chooseVersion("api", split(share), NO_HINTS, draw));
        // Of a regular part of the requests too.
        const part = versions.filter((_, index) => index % every === 0);
        expect(Math.abs(part.filter((version) => version === NEW).length / 3 - share)).toBeLessThan(2);
      }),
    );
  });
});

describe("The target of a host", () => {
  const script = (name: string, parts: Partial<Script> = {}): Script => ({
    name,
    deployments: [],
    versions: [],
    hasWorkersDev: true,
    hasPreviewUrls: true,
    customDomains: [],
    crons: [],
    objectClasses: [],
    ...parts,
  });
  const version = (number: number, alias?: string): Version => ({
    id: `${String(number).padStart(8, "0")}-0000-4000-8000-000000000000`,
    number,
    createdOn: "",
    annotations: alias === undefined ? {} : { "workers/alias": alias },
    mainModule: "",
    modules: [],
    bindings: [],
    compatibilityDate: "",
    compatibilityFlags: [],
    assets: null,
  });
  const scripts = [
    script("api", { customDomains: ["api.example.com"] }),
    script("api-staging"),
    script("hidden", { hasWorkersDev: false, hasPreviewUrls: false }),
    script("x-api", { hasPreviewUrls: false }),
  ];
  const versions: Record<string, Version[]> = {
    api: [version(1, "next"), version(2, "next"), version(3, "x")],
    "api-staging": [version(4)],
    hidden: [version(5)],
  };
  const find = (host: string): string | null => {
    const table = {
      scripts: new Map(scripts.map((entry) => [entry.name, entry])),
      versionsOf: (name: string) => versions[name] ?? [],
      subdomain: "acme",
    };
    const target = findTarget(host, table);
    return target && `${target.scriptName} ${target.version?.number ?? "live"}`;
  };

  test.for([
    ["api.acme.workers.dev", "api live"],
    ["API.Acme.Workers.Dev:8791", "api live"],
    ["api.acme.workers.dev.", "api live"],
    ["api.example.com", "api live"],
    ["api.example.com:80", "api live"],
    ["api-staging.acme.workers.dev", "api-staging live"],
    ["00000001-api.acme.workers.dev", "api 1"],
    ["00000004-api-staging.acme.workers.dev", "api-staging 4"],
    ["next-api.acme.workers.dev", "api 2"],
    ["x-api.acme.workers.dev", "x-api live"],
    ["00000004-api.acme.workers.dev", null],
    ["0000000-api.acme.workers.dev", null],
    ["hidden.acme.workers.dev", null],
    ["00000005-hidden.acme.workers.dev", null],
    ["api.other.workers.dev", null],
    ["sub.api.example.com", null],
    ["127.0.0.1:8791", null],
    ["", null],
  ] as const)("%s is %s", ([host, expected], { expect }) => {
    expect(find(host)).toBe(expected);
  });
});
