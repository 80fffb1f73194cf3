import { afterEach, beforeEach, describe, test, vi } from "vitest";

import {
  createPublications,
  liveShares,
} from "../../../../../tools/cloudflare-emulator/data-plane/routing/publications.ts";
import { makeScript, makeVersions } from "../../../../support/versions.ts";

let delayMs = 0;
const make = makeVersions();
const [first, second, third] = [make.version("1"), make.version("2"), make.version("3")];
make.dispose();

function create() {
  const switches: string[] = [];
  const publications = createPublications({
    delayMs: () => delayMs,
    onSwitch: (script) => void switches.push(liveShares(script)[0]?.versionId.slice(0, 8) ?? "none"),
  });
  return { publications, switches };
}

describe("Publications", () => {
  beforeEach(() => {
    delayMs = 0;
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test("take effect at once without a delay", ({ expect }) => {
    const { publications } = create();
    const script = makeScript("api", [[first, 100]]);
    publications.announce(script).serve();
    expect(publications.served.get("api")).toBe(script);
  });

  test("take effect in order, each after its delay", async ({ expect }) => {
    const { publications, switches } = create();
    delayMs = 1_000;
    publications.announce(makeScript("api", [[first, 100]])).serve();
    await vi.advanceTimersByTimeAsync(600);
    publications.announce(makeScript("api", [[second, 100]])).serve();
    await vi.advanceTimersByTimeAsync(399);
    expect(switches).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(switches).toEqual(["00000001"]);
    await vi.advanceTimersByTimeAsync(600);
    expect(switches).toEqual(["00000001", "00000002"]);
  });

  test("do not come back after a later one that was faster", async ({ expect }) => {
    const { publications, switches } = create();
    delayMs = 1_000;
    publications.announce(makeScript("api", [[first, 100]])).serve();
    publications.announce(makeScript("other", [[third, 100]])).serve();
    delayMs = 0;
    publications.announce(makeScript("api", [[second, 100]])).serve();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(switches).toEqual(["00000002", "00000003"]);
  });

  test("need their versions from the announcement on, and those that are served until the switch", async ({
    expect,
  }) => {
    const { publications } = create();
    publications.announce(makeScript("api", [[first, 100]])).serve();
    delayMs = 1_000;
    const announcement = publications.announce(
      makeScript("api", [
        [second, 10],
        [first, 90],
      ]),
    );
    publications.announce(makeScript("api", [[third, 100]])).cancel();
    expect(publications.neededVersions("api")).toEqual(new Set([first.id, second.id]));
    announcement.serve();
    publications.announce(makeScript("api", [[second, 100]])).serve();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(publications.neededVersions("api")).toEqual(new Set([second.id]));
  });

  test("of a script that was removed never take effect", async ({ expect }) => {
    const { publications, switches } = create();
    delayMs = 1_000;
    publications.announce(makeScript("api", [[first, 100]])).serve();
    const late = publications.announce(makeScript("api", [[second, 100]]));
    publications.remove("api");
    late.serve();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(switches).toEqual([]);
    expect(publications.served.size).toBe(0);
  });
});
