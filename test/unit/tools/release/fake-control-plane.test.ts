import { describeControlPlane } from "../../../support/control-plane-contract.ts";
import { createFakeControlPlane } from "../../../support/fake-control-plane.ts";
import { OLD } from "../../../support/release-fakes.ts";

describeControlPlane("the fake control plane", () =>
  Promise.resolve({
    controlPlane: createFakeControlPlane({ live: OLD }),
    ofUnknownWorker: createFakeControlPlane(),
  }),
);
