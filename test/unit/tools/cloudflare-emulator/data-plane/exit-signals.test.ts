import { describe, test } from "vitest";

import {
  exitOnSignals,
  withoutSignalHandlers,
} from "../../../../../tools/cloudflare-emulator/data-plane/runtime/exit-signals.ts";

const counts = (): number[] => [process.listenerCount("SIGINT"), process.listenerCount("SIGTERM")];

describe("Signal handlers", () => {
  test("that something installs are taken away again, and those of others stay", ({ expect }) => {
    const own = (): void => undefined;
    process.on("SIGTERM", own);
    const before = counts();
    const result = withoutSignalHandlers(() => {
      process.on("SIGINT", () => process.exit(1));
      process.on("SIGTERM", () => process.exit(1));
      return "result";
    });
    expect([result, ...counts()]).toEqual(["result", ...before]);
    expect(process.listeners("SIGTERM")).toContain(own);
    process.removeListener("SIGTERM", own);
  });

  test("of our own go with the data plane", ({ expect }) => {
    const before = counts();
    const stop = exitOnSignals();
    expect(counts()).toEqual(before.map((count) => count + 1));
    stop();
    expect(counts()).toEqual(before);
  });
});
