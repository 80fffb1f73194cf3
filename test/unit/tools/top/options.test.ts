import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { describe, test } from "vitest";

import { UsageError } from "../../../../tools/command/usage-error.ts";
import {
  findTelemetry,
  prepareTelemetry,
  telemetryFiles,
  withdrawTelemetry,
} from "../../../../tools/telemetry/local-telemetry.ts";
import { HELP, parseTopOptions } from "../../../../tools/top/options.ts";

const LOCAL = { url: "http://127.0.0.1:8788/metrics", token: "of-this-machine" };
const REMOTE = "https://telemetry.example";

const targetOf = (args: readonly string[], env = {}, local: typeof LOCAL | null = LOCAL) =>
  parseTopOptions(args, env, local)?.target;

function inFolder<Result>(use: (folder: string) => Result): Result {
  const folder = mkdtempSync(path.join(tmpdir(), "top-"));
  try {
    return use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe("options of npm run top", () => {
  test("Given nothing, then it looks at npm start every three seconds", ({ expect }) => {
    const options = { target: LOCAL, intervalMs: 3_000, isOnce: false, isJson: false };
    expect(parseTopOptions([], { METRICS_TOKEN: "of-production" }, LOCAL)).toEqual(options);
  });

  test("Given nothing and no npm start, then it says what to do", ({ expect }) => {
    expect(() => targetOf([], {}, null)).toThrow(/start it, or name .*--url/);
  });

  test("Given an address, then the token is that of the environment, never that of this machine", ({ expect }) => {
    const env = { METRICS_TOKEN: "of-production" };
    expect(targetOf(["--url", REMOTE], env)).toEqual({ url: `${REMOTE}/metrics`, token: "of-production" });
    expect(targetOf(["--url", `${REMOTE}/metrics`])).toEqual({ url: `${REMOTE}/metrics`, token: null });
  });

  test.for(["http://127.0.0.1:8788", "http://localhost:8788/metrics"])(
    "Given %s, which npm start serves, then the token is its own",
    (url, { expect }) => {
      expect(targetOf(["--url", url], { METRICS_TOKEN: "of-production" })?.token).toBe(LOCAL.token);
    },
  );

  test("Given a file, then its token wins; one without a token is refused, and not shown", ({ expect }) => {
    inFolder((folder) => {
      const file = path.join(folder, "token");
      writeFileSync(file, "of-a-file\n");
      const args = ["--url", REMOTE, "--token-file", file];
      expect(targetOf(args, { METRICS_TOKEN: "other" })?.token).toBe("of-a-file");
      writeFileSync(file, "two words\n");
      expect(() => targetOf(args)).toThrow(/must hold the token/);
      expect(() => targetOf(args)).not.toThrow(/two words/);
      expect(() => targetOf(["--token-file", path.join(folder, "absent")])).toThrow(/there is no file/);
    });
  });

  test.for([
    ["--url", "ftp://a.example"],
    ["--url", "https://a.example/api/v1/users"],
    ["--url", "https://a.example/metrics?x=1"],
    ["--url", "nonsense"],
    ["--interval", "0"],
    ["--interval", "1.5"],
    ["--fast", ""],
  ])("Given %s %s, then it is refused", (args, { expect }) => {
    expect(() => targetOf(args)).toThrow(UsageError);
  });

  test("The help names every flag, and each exit code", ({ expect }) => {
    expect(parseTopOptions(["--help"], {}, null)).toBeNull();
    for (const part of ["--url", "--token-file", "METRICS_TOKEN", "--interval", "--once", "--json", "130"])
      expect(HELP).toContain(part);
  });
});

describe("what npm start keeps of telemetry", () => {
  test("is found while it runs, and the token stays the same", ({ expect }) => {
    inFolder((folder) => {
      const files = telemetryFiles(folder, 8787);
      expect(findTelemetry(files)).toBeNull();
      const first = prepareTelemetry(files, 8788);
      expect(first).toEqual({ url: "http://127.0.0.1:8788/metrics", token: expect.stringMatching(/^[0-9a-f]{64}$/) });
      expect(findTelemetry(files)).toEqual(first);
      withdrawTelemetry(files);
      expect(findTelemetry(files)).toBeNull();
      expect(prepareTelemetry(files, 9000).token).toBe(first.token);
      expect(findTelemetry(telemetryFiles(folder, 8888))).toBeNull();
    });
  });
});
