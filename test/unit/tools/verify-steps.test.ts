import { describe, test } from "vitest";

import { selectSteps } from "../../../tools/verify.ts";
import { STEPS } from "../../../tools/verify/steps.ts";

describe("npm run verify", () => {
  test("runs every step when none is named", ({ expect }) => {
    expect(selectSteps([])).toBe(STEPS);
  });

  test("runs the named steps once, in the order of the list", ({ expect }) => {
    expect(selectSteps(["format", "lint", "lint"]).map(({ name }) => name)).toEqual(["lint", "format"]);
  });

  test("refuses a name that it does not know, and says which there are", ({ expect }) => {
    expect(() => selectSteps(["lint", "lnit"])).toThrow(/no step is named lnit.*lint/);
  });
});
