import { describe, test } from "vitest";

import { HELP, parseOptions, StartError } from "../../../tools/dev/options.ts";

const parse = (input: { args?: string[]; env?: Record<string, string>; devVars?: Record<string, string> } = {}) =>
  parseOptions({ args: input.args ?? [], env: input.env ?? {}, devVars: input.devVars ?? {}, root: "/project" });

describe("options of npm start", () => {
  test("Given nothing, then everything has its default", ({ expect }) => {
    expect(parse()).toEqual({
      isHelp: false,
      isFresh: false,
      port: 8787,
      hasTelemetry: true,
      dataDir: "/project/.data",
      postgresUrl: null,
      variables: {},
    });
  });

  test("Given a flag and a variable for the port, then the flag wins", ({ expect }) => {
    expect(parse({ args: ["--port", "9001"], env: { PORT: "9000" } }).port).toBe(9001);
    expect(parse({ env: { PORT: "9000" } }).port).toBe(9000);
    expect(parse({ env: { PORT: "" } }).port).toBe(8787);
  });

  test("Given --no-telemetry, then nothing is measured", ({ expect }) => {
    expect(parse({ args: ["--no-telemetry"] }).hasTelemetry).toBe(false);
  });

  test.for(["0", "65536", "abc", "80.5", "-1"])("Given the port %s, then it is refused", (port, { expect }) => {
    expect(() => parse({ env: { PORT: port } })).toThrow(StartError);
  });

  test("Given an unknown flag, then the error names it", ({ expect }) => {
    expect(() => parse({ args: ["--frsh"] })).toThrow(/--frsh.*--help/);
  });

  test("Given a relative DATA_DIR, then it lies below the project; an absolute one stays", ({ expect }) => {
    expect(parse({ env: { DATA_DIR: "other" } }).dataDir).toBe("/project/other");
    expect(parse({ env: { DATA_DIR: "/elsewhere" } }).dataDir).toBe("/elsewhere");
  });

  test("Given .dev.vars and the environment, then the environment wins and an empty value switches off", ({
    expect,
  }) => {
    const devVars = { API_KEY: "from-file", LOG_LEVEL: "debug", REQUEST_TIMEOUT_MS: "100" };
    const { variables } = parse({ devVars, env: { API_KEY: "from-env", LOG_LEVEL: "", HOME: "/root" } });
    expect(variables).toEqual({ API_KEY: "from-env", REQUEST_TIMEOUT_MS: "100" });
  });

  test("Given variables that the local stack sets itself, then they are not taken from outside", ({ expect }) => {
    const outside = { DATABASE_URL: "postgres://a", DATABASE_FETCH_ENDPOINT: "http://b", ENVIRONMENT: "production" };
    expect(parse({ env: outside, devVars: outside }).variables).toEqual({});
  });

  test.for(["nonsense", "http://user@host/db", "postgres://host/db", "postgres://user@host"])(
    "Given PG_URL=%s, then the error does not repeat it",
    (url, { expect }) => {
      expect(() => parse({ env: { PG_URL: url } })).toThrow(
        "PG_URL must look like postgresql://USER:PASSWORD@HOST:PORT/DATABASE",
      );
    },
  );

  test("Given --fresh with PG_URL, then somebody's server is not emptied", ({ expect }) => {
    expect(() => parse({ args: ["--fresh"], env: { PG_URL: "postgres://user@host/db" } })).toThrow(/--fresh/);
    expect(parse({ args: ["--fresh"] }).isFresh).toBe(true);
  });

  test("The help names every way to configure it", ({ expect }) => {
    for (const name of ["--fresh", "--port", "--no-telemetry", "PORT", "DATA_DIR", "PG_URL", "API_KEYS", "LOG_LEVEL"])
      expect(HELP).toContain(name);
  });
});
