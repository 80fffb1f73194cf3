import { randomUUID } from "node:crypto";

import { beforeAll, describe, test } from "vitest";

import { type ControlPlane, ControlPlaneError } from "../../tools/release/cloudflare/control-plane.ts";

/** A control plane with a Worker that was deployed once, and a way to ask for one that was never deployed. */
export interface ControlPlaneSubject {
  readonly controlPlane: ControlPlane;
  readonly ofUnknownWorker: ControlPlane;
}

/** What every control plane owes a release; in order, because each call of the real one takes seconds. */
export function describeControlPlane(name: string, open: () => Promise<ControlPlaneSubject>): void {
  describe.sequential(name, () => {
    let controlPlane: ControlPlane;
    let ofUnknownWorker: ControlPlane;
    let first = "";
    let second = "";

    beforeAll(async () => {
      ({ controlPlane, ofUnknownWorker } = await open());
    });

    test("knows the live deployment, and none of a Worker that was never deployed", async ({ expect }) => {
      const [[live, ...others], unknown] = await Promise.all([
        controlPlane.deployments(),
        ofUnknownWorker.deployments(),
      ]);
      expect(live?.versions).toEqual([{ versionId: expect.any(String), percentage: 100 }]);
      expect(live).toMatchObject({ id: expect.any(String), createdOn: expect.stringMatching(/^\d{4}-\d\d-\d\dT/) });
      expect(others).toEqual([]);
      expect(unknown).toEqual([]);
      first = live?.versions[0]?.versionId ?? "";
    });

    test("uploads a version without giving it traffic", async ({ expect }) => {
      // A subject may look like a flag, and be longer than Cloudflare keeps.
      second = await controlPlane.upload({ tag: "0123456789ab", message: `--yes ${"é".repeat(200)}` });
      expect(second).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
      expect(second).not.toBe(first);
    });

    test("splits the traffic in the order given, with nothing for one of them if so wished", async ({ expect }) => {
      const shares = [
        { versionId: second, percentage: 0 },
        { versionId: first, percentage: 100 },
      ];
      await controlPlane.deploy(shares, "at 0 %");
      const [live, before] = await controlPlane.deployments();
      expect(live).toMatchObject({ message: "at 0 %", versions: shares });
      expect(before?.versions).toEqual([{ versionId: first, percentage: 100 }]);
    });

    test("refuses a version that it does not know, and changes nothing", async ({ expect }) => {
      await Promise.all([
        expect(controlPlane.deploy([{ versionId: randomUUID(), percentage: 100 }], "unknown")).rejects.toThrow(
          ControlPlaneError,
        ),
        expect(controlPlane.rollBack(randomUUID(), "unknown")).rejects.toMatchObject({ refusal: "unknown-version" }),
      ]);
    });

    test("rolls back to the version named, not to the one before, and says so in the history", async ({ expect }) => {
      const message = `rollback from ${first} to ${second}`;
      await controlPlane.rollBack(second, message);
      const [live, before] = await controlPlane.deployments();
      expect(live).toMatchObject({ message, versions: [{ versionId: second, percentage: 100 }] });
      expect(before?.message).toBe("at 0 %");
    });
  });
}
