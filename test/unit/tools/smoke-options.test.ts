import { describe, test } from "vitest";

import { UsageError } from "../../../tools/command/usage-error.ts";
import { parseSmokeOptions } from "../../../tools/smoke/options.ts";

const URL_FLAGS = ["--url", "http://127.0.0.1:8787"];
const parse = (args: readonly string[], env: Record<string, string> = {}) =>
  parseSmokeOptions([...URL_FLAGS, ...args], env);

describe("the smoke script's command line", () => {
  test("needs nothing but the URL", ({ expect }) => {
    expect(parse([])).toEqual({
      url: "http://127.0.0.1:8787",
      apiKey: null,
      headers: [],
      expectVersion: null,
      isReadOnly: false,
      hasCleanup: true,
      timeoutMs: 10_000,
    });
  });

  test("takes every option", ({ expect }) => {
    const headers = ["--header", 'X-Override: users-api="1:2"', "--header", "X-Empty:"];
    const flags = ["--api-key", "key", "--expect-version", "v2", "--read-only", "--no-cleanup", "--timeout-ms", "250"];
    expect(parse([...headers, ...flags])).toMatchObject({
      apiKey: "key",
      headers: [
        ["X-Override", 'users-api="1:2"'],
        ["X-Empty", ""],
      ],
      expectVersion: "v2",
      isReadOnly: true,
      hasCleanup: false,
      timeoutMs: 250,
    });
  });

  test("drops the slash at the end of the URL", ({ expect }) => {
    expect(parseSmokeOptions(["--url", "https://api.example.com/"], {})?.url).toBe("https://api.example.com");
  });

  test("prefers the flag, then SMOKE_API_KEY, then API_KEY", ({ expect }) => {
    const env = { SMOKE_API_KEY: "smoke", API_KEY: "api" };
    expect(parse(["--api-key", "flag"], env)?.apiKey).toBe("flag");
    expect(parse([], env)?.apiKey).toBe("smoke");
    expect(parse([], { SMOKE_API_KEY: "", API_KEY: "api" })?.apiKey).toBe("api");
    expect(parse([], { API_KEY: "" })?.apiKey).toBeNull();
  });

  test("asks for the help text, whatever else is wrong", ({ expect }) => {
    expect(parseSmokeOptions(["--help"], {})).toBeNull();
    expect(parseSmokeOptions(["-h", "--url", "nonsense"], {})).toBeNull();
  });

  test.for([
    { what: "no URL", args: [], message: "--url is missing" },
    { what: "a URL that is none", args: ["--url", "localhost"], message: "--url must be" },
    { what: "another protocol", args: ["--url", "ftp://127.0.0.1"], message: "--url must be" },
    { what: "a path", args: ["--url", "http://127.0.0.1/api/v1"], message: "--url must be" },
    { what: "a query", args: ["--url", "http://127.0.0.1/?a=1"], message: "--url must be" },
    { what: "credentials in the URL", args: ["--url", "http://name:word@127.0.0.1"], message: "--url must be" },
    {
      what: "a header without colon",
      args: [...URL_FLAGS, "--header", "X-Name value"],
      message: "--header must look like",
    },
    {
      what: "a line break in a header",
      args: [...URL_FLAGS, "--header", "X: a\r\nY: b"],
      message: "--header must look like",
    },
    { what: "no time", args: [...URL_FLAGS, "--timeout-ms", "0"], message: "--timeout-ms must be" },
    { what: "a time that is no number", args: [...URL_FLAGS, "--timeout-ms", "soon"], message: "--timeout-ms must be" },
    { what: "an unknown flag", args: [...URL_FLAGS, "--fast"], message: "--fast" },
    { what: "an argument without flag", args: ["http://127.0.0.1"], message: "Unexpected argument" },
  ])("refuses $what", ({ args, message }, { expect }) => {
    expect(() => parseSmokeOptions(args, {})).toThrow(UsageError);
    expect(() => parseSmokeOptions(args, {})).toThrow(message);
  });

  test("never repeats a key that it refuses", ({ expect }) => {
    const refusal = () => parse(["--api-key", "se cret"]);
    expect(refusal).toThrow("visible ASCII");
    expect(refusal).not.toThrow("se cret");
  });
});
