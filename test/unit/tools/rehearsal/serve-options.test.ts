import { describe, test } from "vitest";

import { UsageError } from "../../../../tools/command/usage-error.ts";
import { gatewayPortOf, HELP, parseServeOptions } from "../../../../tools/rehearsal/serve-options.ts";
import { formatDeployment, formatGreeting } from "../../../../tools/rehearsal/serve-text.ts";

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

  test("Given all of them, then they are taken", ({ expect }) => {
    expect(
      parse(
        ..."--port 1 --proxy-port 2 --state-dir /elsewhere --fresh --database".split(" "),
        ..."--call-log calls.ndjson --propagation-ms 2000".split(" "),
      ),
    ).toEqual({
      isHelp: false,
      port: 1,
      proxyPort: 2,
      stateDir: "/elsewhere",
      isFresh: true,
      hasDatabase: true,
      callLogFile: "/project/calls.ndjson",
      propagationMs: 2_000,
    });
  });

  test.for([
    ["--port", "0"],
    ["--port", "65536"],
    ["--port", "x"],
    ["--proxy-port", "65535"],
    ["--propagation-ms", "-1"],
    ["--propagation-ms", "1.5"],
    ["--port", "9000", "--proxy-port", "9000"],
    ["--port", "9001", "--proxy-port", "9000", "--database"],
    ["--unknown"],
    ["positional"],
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
    const text = formatGreeting({ emulator, database: null });
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
    const text = formatGreeting({ emulator, database });
    expect(text).toContain("export MIGRATION_DATABASE_URL='postgresql://x'");
    expect(text).toMatch(/export RELEASE_API_KEYS="\$\(node -p .*"\/state\/secrets\.json".*\)"/);
    expect(text).toContain("wrangler deploy --env production --secrets-file /state/secrets.json");
  });

  test("tells what is live in one line", ({ expect }) => {
    const versions = [
      { versionId: "1a2b3c4d-0000-4000-8000-000000000000", percentage: 10 },
      { versionId: "5e6f7a8b-0000-4000-8000-000000000000", percentage: 90 },
    ];
    const script = {
      name: "users-api-production",
      deployments: [{ id: "d", createdOn: "", annotations: {}, versions }],
    };
    expect(formatDeployment(script, "http://127.0.0.1:4000")).toBe(
      "users-api-production  1a2b3c4d 10 %  5e6f7a8b 90 %  http://127.0.0.1:4000",
    );
    expect(formatDeployment({ name: "x", deployments: [] }, null)).toBe("x");
  });
});
