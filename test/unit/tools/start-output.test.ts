import { describe, test } from "vitest";

import { formatBanner, wantsColor } from "../../../tools/dev/banner.ts";
import { formatEnvFile } from "../../../tools/dev/env-file.ts";
import { StartError } from "../../../tools/dev/options.ts";
import { createOutputFilter } from "../../../tools/dev/wrangler-output.ts";

const banner = (overrides: Partial<Parameters<typeof formatBanner>[0]> = {}): string =>
  formatBanner({
    origin: "http://127.0.0.1:8787",
    databaseUrl: "postgresql://postgres:postgres@127.0.0.1:5555/postgres",
    isExternalDatabase: false,
    hasApiKey: false,
    hasColor: false,
    ...overrides,
  });

describe("banner", () => {
  test("Given an open API, then it shows where everything is and a command that works as it stands", ({ expect }) => {
    const text = banner();
    for (const path of ["/api/v1/users", "/docs", "/openapi.json", "/health/ready"]) {
      expect(text).toContain(`http://127.0.0.1:8787${path}\n`);
    }
    expect(text).toContain("psql 'postgresql://postgres:postgres@127.0.0.1:5555/postgres?");
    expect(text).toContain("Try: curl 'http://127.0.0.1:8787/api/v1/users?limit=2'");
  });

  test("Given an API key, then the command has a place for it", ({ expect }) => {
    expect(banner({ hasApiKey: true })).toContain("curl -H 'X-API-Key: YOUR_KEY' 'http");
  });

  test("Given somebody's own database, then its password is not shown", ({ expect }) => {
    const text = banner({
      isExternalDatabase: true,
      databaseUrl: "postgres://me:sesame@db.example:5432/app?sslpassword=sesame",
    });
    expect(text).toContain("postgres://me@db.example:5432/app");
    expect(text).not.toContain("sesame");
  });

  test("Colours are for terminals whose user did not refuse them", ({ expect }) => {
    expect(banner()).not.toContain("\u001B");
    expect(banner({ hasColor: true })).toContain("\u001B[36m");
    expect(wantsColor({ isTTY: true }, {})).toBe(true);
    expect(wantsColor({ isTTY: true }, { NO_COLOR: "1" })).toBe(false);
    expect(wantsColor({}, {})).toBe(false);
  });
});

describe("environment file", () => {
  test("Given quotes and dollar signs, then each value keeps its characters", ({ expect }) => {
    expect(formatEnvFile({ A: "plain", B: "it's", C: "'`", D: "a$b" })).toBe(
      "A='plain'\nB=`it's`\nC=\"'`\"\nD='a\\$b'\n",
    );
  });

  test.for(["'`\"", "'`\\n", "a\rb"])(
    "Given a value that the format cannot hold, then it is refused by name",
    (value, { expect }) => {
      expect(() => formatEnvFile({ API_KEY: value })).toThrow(StartError);
      expect(() => formatEnvFile({ API_KEY: value })).toThrow(/API_KEY/);
    },
  );
});

describe("output of wrangler", () => {
  const show = (...lines: string[]): (string | null)[] => lines.map(createOutputFilter());

  test("Given the Worker's log events, then they are shown without wrangler's frame", ({ expect }) => {
    const event = '{"level":"warn","event":"request"}';
    expect(show(event, `\u001B[33m▲ [WARNING]\u001B[0m ${event}`, `✘ [ERROR] ${event}`)).toEqual([event, event, event]);
  });

  test("Given wrangler's greeting, then nothing is shown", ({ expect }) => {
    const greeting = [
      "Using secrets defined in .data/dev.env",
      "Your Worker has access to the following bindings:",
      "Binding                      Resource                  Mode",
      'env.DATABASE_URL ("(hidden)")         Environment Variable      local',
      "",
      "⎔ Starting local server...",
      "[wrangler:info] Ready on http://127.0.0.1:8787",
      "[wrangler:info] GET /health 200 OK (3ms)",
      "▲ [WARNING] Scheduled Workers are not automatically triggered during local development.",
      "  To manually trigger a scheduled event, run:",
    ];
    expect(show(...greeting)).toEqual(greeting.map(() => null));
  });

  test("Given a failed build, then all of its message is shown", ({ expect }) => {
    const lines = [
      "✘ [ERROR] Build failed with 1 error:",
      "  ✘ [ERROR] Expected identifier",
      "      src/index.ts:1:16:",
    ];
    expect(show(...lines)).toEqual(lines);
  });
});
