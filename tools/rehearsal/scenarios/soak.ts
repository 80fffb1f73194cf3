import { failSome, nextRelease } from "./overlays.ts";
import type { Scenario } from "./scenarios.ts";

/** One in so many has to be caught and taken back. */
const BAD_ONE_IN = 10;

/** As many releases in a row: good ones, and one in ten that fails a part of its requests. */
export function soakScenarios(count: number): readonly Scenario[] {
  return Array.from({ length: count }, (_, index) =>
    index % BAD_ONE_IN === BAD_ONE_IN - 1 ? bad(index) : good(index),
  );
}

function good(index: number): Scenario {
  return {
    name: `release-${index + 1}`,
    title: `release ${index + 1}`,
    command: "release",
    worker: "api",
    isNoUpload: false,
    overlay: nextRelease(index + 1),
    injects: null,
    expected: { exitCode: 0, stage: null, live: "new" },
    needs: [],
  };
}

function bad(index: number): Scenario {
  return {
    name: `release-${index + 1}`,
    title: `release ${index + 1}, fails 5 %`,
    command: "release",
    worker: "api",
    isNoUpload: false,
    overlay: failSome,
    injects: "error",
    expected: { exitCode: 3, stage: "10 %", live: "previous" },
    needs: [],
  };
}
