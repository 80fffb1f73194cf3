import { readFileSync } from "node:fs";

import { describe, test } from "vitest";

import { BINDINGS_FILE, giveReason } from "../../../tools/bindings/wrangler-types.ts";

describe("the types of the bindings", () => {
  test("say why linters are switched off in them", ({ expect }) => {
    expect(giveReason("/* eslint-disable */\ninterface Env {}\n")).toMatch(
      /^\/\* eslint-disable -- .+ \*\/\ninterface Env/u,
    );
    expect(() => giveReason("interface Env {}\n")).toThrow("no longer begins with");
  });

  test("are in the repository as the command writes them", ({ expect }) => {
    const [first = "", ...rest] = readFileSync(BINDINGS_FILE, "utf8").split("\n");
    const written = giveReason(["/* eslint-disable */", ...rest].join("\n"));
    expect(written.split("\n")[0]).toBe(first);
  });
});
