import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { test as base, describe } from "vitest";

import { createCluster } from "../../../tools/dev/postgres/cluster.ts";

const test = base.extend<{ folder: string }>({
  // oxlint-disable-next-line no-empty-pattern
  async folder({}, use) {
    const folder = mkdtempSync(path.join(tmpdir(), "cluster-"));
    await use(folder);
    rmSync(folder, { recursive: true });
  },
});

/** Stands for initdb, and counts. */
function createInitdb() {
  let calls = 0;
  return {
    calls: () => calls,
    initialize(target: string) {
      calls++;
      mkdirSync(path.join(target, "base"), { recursive: true });
      writeFileSync(path.join(target, "base", "1"), `cluster ${calls}`);
      writeFileSync(path.join(target, "PG_VERSION"), "18");
      return Promise.resolve();
    },
  };
}

const contentsOf = (cluster: string): string => readFileSync(path.join(cluster, "base", "1"), "utf8");

describe("an empty cluster", () => {
  test("is made once, and copied after that", async ({ folder, expect }) => {
    const { initialize, calls } = createInitdb();
    const options = { templates: path.join(folder, "templates"), initialize };
    const [first, second] = [path.join(folder, "first"), path.join(folder, "second")];
    await createCluster(first, options);
    writeFileSync(path.join(first, "base", "1"), "changed by its owner");
    await createCluster(second, options);
    expect(calls()).toBe(1);
    expect(contentsOf(second)).toBe("cluster 1");
    expect(readdirSync(options.templates)).toEqual([expect.stringMatching(/^pglite-\d+\.\d+\.\d+$/u)]);
  });

  test("is made where nothing can be kept", async ({ folder, expect }) => {
    const { initialize, calls } = createInitdb();
    const templates = path.join(folder, "a-file");
    writeFileSync(templates, "");
    await createCluster(path.join(folder, "first"), { templates, initialize });
    await createCluster(path.join(folder, "second"), { templates, initialize });
    expect(calls()).toBe(2);
    expect(contentsOf(path.join(folder, "second"))).toBe("cluster 2");
  });

  test("is not kept when it could not be made", async ({ folder, expect }) => {
    const templates = path.join(folder, "templates");
    const initialize = () => Promise.reject(new Error("no room"));
    await expect(createCluster(path.join(folder, "first"), { templates, initialize })).rejects.toThrow("no room");
    expect(existsSync(templates)).toBe(false);
  });
});
