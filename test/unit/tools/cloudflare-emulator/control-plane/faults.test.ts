import { describe, test } from "vitest";

import { createEmulatorFaults } from "../../../../../tools/cloudflare-emulator/control-plane/admin/emulator-faults.ts";
import { createApiFaults } from "../../../../../tools/cloudflare-emulator/control-plane/admin/faults.ts";
import { createFakeDataPlane } from "./fake-data-plane.ts";

describe("faults of the API", () => {
  test("hit their method and path, and as often as they say", ({ expect }) => {
    const faults = createApiFaults(Math.random);
    faults.add({ method: "post", path: "/versions$", status: 500, times: 2 });
    expect(faults.take("GET", "/a/versions")).toBeNull();
    expect(faults.take("POST", "/a/versions/x")).toBeNull();
    expect(faults.take("POST", "/a/versions")).toMatchObject({ status: 500 });
    expect(faults.list()).toEqual([{ method: "post", path: "/versions$", status: 500, times: 1 }]);
    expect(faults.take("POST", "/a/versions")).not.toBeNull();
    expect(faults.take("POST", "/a/versions")).toBeNull();
    expect(faults.list()).toEqual([]);
  });

  test("come in the order they were added, and go on for ever without a number", ({ expect }) => {
    const faults = createApiFaults(Math.random);
    faults.add({ status: 429, times: 1 });
    faults.add({ status: 503 });
    expect(faults.take("GET", "/")?.status).toBe(429);
    for (let round = 0; round < 5; round++) expect(faults.take("GET", "/")?.status).toBe(503);
    faults.clear();
    expect(faults.take("GET", "/")).toBeNull();
  });

  test.for([
    {},
    { status: 200 },
    { times: 1 },
    { status: 500, times: 0 },
    { status: 500, path: "(" },
    { status: 500, typo: 1 },
  ])("%j is refused", (fault, { expect }) => {
    const faults = createApiFaults(Math.random);
    expect(() => faults.add(fault)).toThrow();
    expect(faults.list()).toEqual([]);
  });
});

describe("faults of the data plane", () => {
  test("are passed on, and end where they were at the start", ({ expect }) => {
    const dataPlane = createFakeDataPlane();
    dataPlane.setFaults({ propagationMs: 100 });
    const faults = createEmulatorFaults(dataPlane, Math.random);
    faults.add({ propagationMs: 2_000 });
    faults.add({ ignoreOverrides: true });
    faults.add({ status: 500 });
    expect(faults.list()).toEqual({
      api: [{ status: 500 }],
      dataPlane: { propagationMs: 2_000, ignoreOverrides: true, loseRpcAnswers: 0 },
    });
    faults.clear();
    expect(faults.list()).toEqual({
      api: [],
      dataPlane: { propagationMs: 100, ignoreOverrides: false, loseRpcAnswers: 0 },
    });
    expect(() => faults.add({ propagationMs: -1 })).toThrow();
  });
});
