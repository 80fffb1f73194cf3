import { describe, test } from "vitest";

import {
  tidyMessage,
  toStartupMessage,
} from "../../../../../tools/cloudflare-emulator/data-plane/runtime/startup-message.ts";

const INTRODUCTION = "The Workers runtime failed to start. There was likely a problem.";
const line = (message: string): string => JSON.stringify({ level: "error", message });

describe("The message of a failed start", () => {
  test("is what the runtime says about the Worker", ({ expect }) => {
    const message = line("service core:user:users-api: Uncaught TypeError: no db\n  at index.js:2:7");
    const error = new Error(`${INTRODUCTION}\nRuntime stderr:\n${message}\nnot JSON`);
    expect(toStartupMessage(error)).toBe("Uncaught TypeError: no db\n  at index.js:2:7");
  });

  test("is Miniflare's when the runtime says nothing", ({ expect }) => {
    expect(toStartupMessage(new Error(INTRODUCTION))).toBe(INTRODUCTION);
    expect(toStartupMessage("odd")).toBe("odd");
  });

  test("holds no positions in the runtime and no addresses of files", ({ expect }) => {
    const origin = "workerd/jsg/value.h:1477: failed: remote.jsg.Error: boom";
    const message = `Uncaught exception: ${origin}\nstack: /home/me/bin/workerd@33a76d0 /home/me/bin/workerd@33a836c`;
    expect(tidyMessage(message)).toBe("Uncaught Error: boom");
    expect(tidyMessage("at fetch (file:///index.js:6:74)")).toBe("at fetch (index.js:6:74)");
  });
});
