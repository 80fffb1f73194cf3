import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { afterEach, beforeEach, describe, test } from "vitest";

import { acquireLock } from "../../../../tools/process/lock-file.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "lock-file-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Above the highest pid that any supported system gives. */
const DEAD_PID = 2 ** 30;

describe("lock file", () => {
  test("Given a running owner, then the lock is refused and its pid named; after release it is free", ({ expect }) => {
    const file = path.join(folder, "lock");
    const release = acquireLock(file);
    expect(() => acquireLock(file)).toThrow(
      expect.objectContaining({ name: "LockHeldError", holder: `process ${process.pid}` }),
    );
    release();
    acquireLock(file)();
  });

  test.for([`${DEAD_PID} 1`, `${process.pid} 1`])(
    "Given the lock of a process that is gone (%s), then it is taken over",
    (holder, { expect }) => {
      const file = path.join(folder, "lock");
      writeFileSync(file, holder);
      const release = acquireLock(file);
      expect(readFileSync(file, "utf8")).toMatch(new RegExp(`^${process.pid} `));
      release();
    },
  );
});
