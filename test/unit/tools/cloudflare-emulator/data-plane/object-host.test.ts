import { describe, test } from "vitest";

import {
  createObjectHost,
  type StartObjects,
} from "../../../../../tools/cloudflare-emulator/data-plane/objects/object-host.ts";
import { ownerOf } from "../../../../../tools/cloudflare-emulator/data-plane/objects/owner.ts";
import { makeScript, makeVersions } from "../../../../support/versions.ts";

/** Starts processes that listen on the port of their name; notes what happens, in order. */
function createProcesses() {
  const events: string[] = [];
  const start =
    (name: string, isBroken = false): StartObjects =>
    async () => {
      events.push(`start ${name}`);
      await Promise.resolve();
      if (isBroken) throw new Error(`${name} is broken`);
      return {
        startedInMs: 1,
        rpcAddress: () => ({ debugPort: name, service: "core:user:worker" }),
        async stop() {
          events.push(`stop ${name}`);
          await Promise.resolve();
        },
      };
    };
  return { events, start };
}

describe("The process of objects", () => {
  test("is replaced only by another one, and never runs beside it", async ({ expect }) => {
    const { events, start } = createProcesses();
    const host = createObjectHost(() => undefined);
    host.run("a", start("a"));
    host.run("a", start("never"));
    expect((await host.address()).debugPort).toBe("a");
    host.run("b", start("b"));
    expect((await host.address()).debugPort).toBe("b");
    await host.restart();
    await host.close();
    expect(events).toEqual(["start a", "stop a", "start b", "stop b", "start b", "stop b"]);
  });

  test("that did not start is started by the next one who needs it", async ({ expect }) => {
    const { events, start } = createProcesses();
    const lines: string[] = [];
    const host = createObjectHost((line) => void lines.push(line));
    let isBroken = true;
    host.run("a", (onEnd) => start("a", isBroken)(onEnd));
    await expect(host.address()).rejects.toThrow("a is broken");
    await expect(host.address()).rejects.toThrow("a is broken");
    isBroken = false;
    expect((await host.address()).debugPort).toBe("a");
    expect(events).toEqual(["start a", "start a", "start a"]);
    expect(lines).toContain("objects do not start: Error: a is broken");
  });
});

describe("The version whose code objects run", () => {
  test("is the one with the larger share, the first of two that are equal, and none without classes", ({ expect }) => {
    const make = makeVersions();
    try {
      const [first, second] = [make.version(""), make.version("")];
      const objectClasses = [{ name: "Counter", namespaceId: "0".repeat(32), storage: "sqlite" as const }];
      const owner = (share: number) =>
        ownerOf(
          makeScript(
            "worker",
            [
              [first, share],
              [second, 100 - share],
            ],
            { objectClasses },
          ),
        );
      expect([owner(0), owner(49), owner(50), owner(100)]).toEqual([second.id, second.id, first.id, first.id]);
      expect(ownerOf(makeScript("worker", [], { objectClasses }))).toBeNull();
      expect(ownerOf(makeScript("worker", [[first, 100]]))).toBeNull();
    } finally {
      make.dispose();
    }
  });
});
