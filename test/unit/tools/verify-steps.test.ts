import { describe, test } from "vitest";

import { selectSteps } from "../../../tools/verify.ts";
import { STEPS } from "../../../tools/verify/steps.ts";

const select = (selection: Partial<Parameters<typeof selectSteps>[0]>) =>
  selectSteps({ only: [], except: [], ...selection });

describe("npm run verify", () => {
  test("runs every step when none is named", ({ expect }) => {
    expect(select({})).toEqual(STEPS);
  });

  test("runs the named steps once, in the order of the list", ({ expect }) => {
    expect(select({ only: ["format", "lint", "lint"] }).map(({ name }) => name)).toEqual(["lint", "format"]);
  });

  test("leaves out what it is told to", ({ expect }) => {
    const names = STEPS.map(({ name }) => name).filter((name) => name !== "unit");
    expect(select({ except: ["unit"] }).map(({ name }) => name)).toEqual(names);
    expect(select({ only: ["format", "lint"], except: ["lint"] }).map(({ name }) => name)).toEqual(["format"]);
    expect(() => select({ except: ["lnit"] })).toThrow(/no step is named lnit.*lint/);
  });

  test("refuses a name that it does not know, and says which there are", ({ expect }) => {
    expect(() => select({ only: ["lint", "lnit"] })).toThrow(/no step is named lnit.*lint/);
  });
});
