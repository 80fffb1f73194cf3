import { describe, test } from "vitest";

import {
  formatHelp,
  parseServeOptions,
  type ServeCommand,
} from "../../../../../tools/cloudflare-emulator/serve/options.ts";
import { formatDeployment, formatGreeting } from "../../../../../tools/cloudflare-emulator/serve/text.ts";
import { UsageError } from "../../../../../tools/command/usage-error.ts";

const COMMAND: ServeCommand = { command: "npm run serve", root: "/project", stateDir: ".data/here" };
const parse = (...args: string[]) => parseServeOptions(args, COMMAND);

describe("options of a command that serves the emulator", () => {
  test("Given nothing, then everything has its default", ({ expect }) => {
    expect(parse()).toEqual({
      isHelp: false,
      port: 8_790,
      proxyPort: 8_791,
      stateDir: "/project/.data/here",
      isFresh: false,
      callLogFile: null,
      propagationMs: 0,
    });
  });

  test("Given all of them, then they are taken", ({ expect }) => {
    expect(
      parse(
        ..."--port 1 --proxy-port 2 --state-dir /elsewhere --fresh".split(" "),
        ..."--call-log calls.ndjson --propagation-ms 2000".split(" "),
      ),
    ).toEqual({
      isHelp: false,
      port: 1,
      proxyPort: 2,
      stateDir: "/elsewhere",
      isFresh: true,
      callLogFile: "/project/calls.ndjson",
      propagationMs: 2_000,
    });
  });

  test.for([
    ["--port", "0"],
    ["--port", "65536"],
    ["--port", "x"],
    ["--proxy-port", "65536"],
    ["--propagation-ms", "-1"],
    ["--propagation-ms", "1.5"],
    ["--port", "9000", "--proxy-port", "9000"],
    ["--unknown"],
    ["positional"],
  ])("Given %j, then it is refused", (args, { expect }) => {
    expect(() => parse(...args)).toThrow(UsageError);
  });

  test("The help names the command, every option, and those that only this command has", ({ expect }) => {
    const help = formatHelp(COMMAND, ["--database  a database, too"]);
    for (const name of ["port", "proxy-port", "state-dir", "fresh", "database", "call-log", "propagation-ms"]) {
      expect(help).toContain(`\n  --${name} `);
    }
    expect(help).toContain('Options (after "npm run serve --"):');
    expect(help).toContain("(default .data/here)");
  });
});

describe("what it prints", () => {
  const emulator = {
    apiUrl: "http://127.0.0.1:8790/client/v4",
    apiToken: "token",
    accountId: "account",
    proxyUrl: "http://127.0.0.1:8791",
    subdomain: "sub",
  };

  test("is the environment for wrangler, complete, and a way to a Worker", ({ expect }) => {
    const lines = formatGreeting(emulator).split("\n");
    for (const line of [
      "export CLOUDFLARE_API_BASE_URL=http://127.0.0.1:8790/client/v4",
      "export CLOUDFLARE_API_TOKEN=token",
      "export CLOUDFLARE_ACCOUNT_ID=account",
      "export WRANGLER_SEND_METRICS=false",
      "export WRANGLER_SEND_ERROR_REPORTS=false",
    ]) {
      expect(lines).toContain(`  ${line}`);
    }
    expect(lines).toContain("Workers by Host   curl -H 'Host: NAME.sub.workers.dev' http://127.0.0.1:8791/");
  });

  test("tells what is live in one line", ({ expect }) => {
    const versions = [
      { versionId: "1a2b3c4d-0000-4000-8000-000000000000", percentage: 10 },
      { versionId: "5e6f7a8b-0000-4000-8000-000000000000", percentage: 90 },
    ];
    const script = { name: "a-worker", deployments: [{ id: "d", createdOn: "", annotations: {}, versions }] };
    expect(formatDeployment(script, "http://127.0.0.1:4000")).toBe(
      "a-worker  1a2b3c4d 10 %  5e6f7a8b 90 %  http://127.0.0.1:4000",
    );
    expect(formatDeployment({ name: "x", deployments: [] }, null)).toBe("x");
  });
});
