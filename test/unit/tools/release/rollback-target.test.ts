import { describe, test } from "vitest";

import type { Deployment, VersionShare } from "../../../../tools/release/cloudflare/control-plane.ts";
import { rollbackMessage, settlementMessage } from "../../../../tools/release/rollback/message.ts";
import { chooseRollbackTarget, resolveVersion } from "../../../../tools/release/rollback/target.ts";

const id = (letter: string): string => `${letter.repeat(8)}-0000-4000-8000-000000000000`;
const [A, B, C, D] = [id("a"), id("b"), id("c"), id("d")];

let count = 0;
const deployed = (versions: readonly VersionShare[], message: string | null = null): Deployment => {
  count += 1;
  return { id: `deployment-${count}`, createdOn: new Date(Date.UTC(2026, 0, 1)).toISOString(), message, versions };
};
const alone = (versionId: string, message: string | null = null) => deployed([{ versionId, percentage: 100 }], message);
const split = (fresh: string, percentage: number, old: string) =>
  deployed([
    { versionId: fresh, percentage },
    { versionId: old, percentage: 100 - percentage },
  ]);
const rolledBack = (from: string, to: string) => alone(to, rollbackMessage(from, to));
/** What a release leaves, newest first. */
const released = (fresh: string, old: string) => [
  alone(fresh, `release ${fresh} complete`),
  ...[100, 50, 10, 0].map((step) => split(fresh, step, old)),
];
const rejectedAt = (step: number, fresh: string, old: string) => [
  rolledBack(fresh, old),
  ...[50, 10, 0].filter((one) => one <= step).map((one) => split(fresh, one, old)),
];

describe("without --to", () => {
  test.for<readonly [what: string, history: readonly Deployment[], target: string | null]>([
    ["nothing was ever deployed", [], null],
    ["the first version has nothing behind it", [alone(A)], null],
    ["the version before", [alone(B), alone(A)], A],
    ["the version before the release", [...released(B, A), alone(A)], A],
    ["also when it is seen beside the new one at 0 % only", released(B, A), A],
    ["not the same version, deployed twice", [alone(B), alone(B), alone(A)], A],
    ["not a version that was rejected on the way", [...released(C, A), ...rejectedAt(50, B, A), alone(A)], A],
    ["not forward to what was just taken back", [rolledBack(B, A), ...released(B, A), alone(A)], null],
    ["but further back", [rolledBack(C, B), ...released(C, B), ...released(B, A), alone(A)], A],
    ["not to what was taken back earlier", [alone(D), rolledBack(C, B), alone(C), alone(B), alone(A)], B],
    [
      "to a version that was taken back, mended and released again",
      [alone(D), alone(C), rolledBack(C, B), alone(C), alone(B)],
      C,
    ],
    ["not to a canary that somebody else ended by hand", [alone(A), split(B, 10, A), alone(A)], null],
    ["not to a canary that had all the traffic while it was watched", [alone(A), split(B, 100, A)], null],
    ["not forward to one that --to went past", [rolledBack(D, A), alone(D), alone(C), alone(B), alone(A)], null],
    ["but further back than that", [rolledBack(D, B), alone(D), alone(C), alone(B), alone(A)], A],
    ["past what several rollbacks went past", [rolledBack(C, A), rolledBack(D, C), alone(D), alone(C), alone(A)], null],
    ["not to an unknown place", [rolledBack(D, A), alone(D), alone(C)], null],
    ["to the version that a settlement took out", [alone(B, settlementMessage(A, B)), split(B, 50, A), alone(A)], A],
    ["whatever other messages say", [alone(B, `rollback from ${A}`), alone(A)], A],
  ])("%s", ([, history, target], { expect }) => {
    expect(chooseRollbackTarget(history)).toBe(target);
  });

  test.for<readonly [what: string, history: readonly Deployment[], target: string]>([
    ["a step goes back to the old version", [split(B, 10, A), split(B, 0, A), alone(A)], A],
    ["the last step too", [split(B, 100, A), split(B, 100, A), split(B, 50, A), alone(A)], A],
    ["in whatever order somebody has listed them", [split(A, 90, B), alone(A)], A],
    ["by our order, where the history has no more", [split(B, 50, A)], A],
    ["not to a version that is not part of it", [split(C, 50, B), alone(A)], B],
  ])("of a split deployment: %s", ([, history, target], { expect }) => {
    expect(chooseRollbackTarget(history)).toBe(target);
  });

  test("any number of rollbacks only ever goes back", ({ expect }) => {
    const history = [...released(D, C), ...rejectedAt(10, id("e"), C), ...released(C, B), ...released(B, A), alone(A)];
    const seen: (string | null)[] = [];
    for (let target = chooseRollbackTarget(history); target !== null; target = chooseRollbackTarget(history)) {
      seen.push(target);
      history.unshift(rolledBack(history[0]?.versions[0]?.versionId ?? "", target));
    }
    expect(seen).toEqual([C, B, A]);
  });
});

describe("--to", () => {
  const history = [...released(B, A), alone("aaaaaaaa-1111-4000-8000-000000000000")];

  test("takes a full id, known here or not", ({ expect }) => {
    expect(resolveVersion(A, history)).toBe(A);
    expect(resolveVersion(D, history)).toBe(D);
  });

  test("takes a beginning that one known version has", ({ expect }) => {
    expect(resolveVersion("bbbbbbbb", history)).toBe(B);
    expect(resolveVersion("aaaaaaaa-0", history)).toBe(A);
  });

  test("refuses one that several or none have, and names them", ({ expect }) => {
    expect(() => resolveVersion("aaaaaaaa", history)).toThrow(`it fits ${A}, aaaaaaaa-1111-4000-8000-000000000000`);
    expect(() => resolveVersion("dddddddd", history)).toThrow(`it fits none of ${B}, ${A}`);
  });
});

test("the message of a rollback names both versions and fits Cloudflare's 100 characters", ({ expect }) => {
  expect(settlementMessage(A, B).length).toBeLessThanOrEqual(100);
  expect(rollbackMessage(A, B).length).toBeLessThanOrEqual(100);
});
