import { describe, test } from "vitest";

import { UsageError } from "../../../../tools/command/usage-error.ts";
import { greetReleaser } from "../../../../tools/rehearsal/serve/greeting.ts";
import { gatewayPortOf, HELP, parseServeOptions } from "../../../../tools/rehearsal/serve/options.ts";

const parse = (...args: string[]) => parseServeOptions(args, "/project");

describe("options of npm run rehearsal:serve", () => {
  test("Given nothing, then everything has its default", ({ expect }) => {
    expect(parse()).toEqual({
      isHelp: false,
      port: 8_790,
      proxyPort: 8_791,
      stateDir: "/project/.data/rehearsal",
      isFresh: false,
      hasDatabase: false,
      callLogFile: null,
      propagationMs: 0,
    });
  });

  test("Given --database, then it is taken beside what the emulator takes", ({ expect }) => {
    expect(parse("--proxy-port", "2", "--database", "--fresh")).toMatchObject({
      proxyPort: 2,
      hasDatabase: true,
      isFresh: true,
    });
  });

  test.for([
    ["--proxy-port", "65535", "--database"],
    ["--port", "9001", "--proxy-port", "9000", "--database"],
    ["--unknown", "--database"],
    ["--database=yes"],
  ])("Given %j, then it is refused", (args, { expect }) => {
    expect(() => parse(...args)).toThrow(UsageError);
  });

  test("The help names every option, and the gateway's port follows the proxy's", ({ expect }) => {
    for (const name of ["port", "proxy-port", "state-dir", "fresh", "database", "call-log", "propagation-ms"]) {
      expect(HELP).toContain(`--${name}`);
    }
    expect(gatewayPortOf(8_791)).toBe(8_792);
  });
});

describe("what it prints", () => {
  const emulator = {
    apiUrl: "http://127.0.0.1:8790/client/v4",
    apiToken: "token",
    accountId: "account",
    proxyUrl: "http://127.0.0.1:8791",
    subdomain: "rehearsal",
  };

  test("is the environment for wrangler, complete", ({ expect }) => {
    const text = greetReleaser(emulator, null);
    for (const line of [
      "export CLOUDFLARE_API_BASE_URL=http://127.0.0.1:8790/client/v4",
      "export CLOUDFLARE_API_TOKEN=token",
      "export CLOUDFLARE_ACCOUNT_ID=account",
      "export WRANGLER_SEND_METRICS=false",
      "export WRANGLER_SEND_ERROR_REPORTS=false",
      "export RELEASE_TARGET=rehearsal",
    ]) {
      expect(text.split("\n")).toContain(`  ${line}`);
    }
    expect(text).not.toContain("MIGRATION_DATABASE_URL");
  });

  test("names the database and the file with its secrets", ({ expect }) => {
    const database = { url: "postgresql://x", secretsFile: "/state/secrets.json" };
    const text = greetReleaser(emulator, database);
    expect(text).toContain("export MIGRATION_DATABASE_URL='postgresql://x'");
    expect(text).toMatch(/export RELEASE_API_KEYS="\$\(node -p .*"\/state\/secrets\.json".*\)"/);
    expect(text).toContain("wrangler deploy --env production --secrets-file /state/secrets.json");
  });
});
