import { describe, test } from "vitest";

import { HELP, parseFlagsOptions } from "../../../../tools/flags/options.ts";

const ACCESS = {
  CLOUDFLARE_API_TOKEN: "token",
  CLOUDFLARE_ACCOUNT_ID: "0123456789abcdef0123456789abcdef",
};
const FLAG = "users-events-stream";

const parse = (line: string, env: Readonly<Record<string, string>> = ACCESS, isInteractive = false) =>
  parseFlagsOptions(line === "" ? [] : line.split(" "), { env, root: "/project", isInteractive });

describe("npm run flags", () => {
  test("lists and sets, here or at Cloudflare", ({ expect }) => {
    const local = { kind: "local", persistTo: "/project/.data/worker-state-8787" };
    const access = {
      apiBaseUrl: "https://api.cloudflare.com/client/v4",
      apiToken: "token",
      accountId: ACCESS.CLOUDFLARE_ACCOUNT_ID,
    };
    expect(parse("list --local", {})).toEqual({ kind: "list", place: local });
    expect(parse("list --env staging")).toEqual({ kind: "list", place: { kind: "deployed", env: "staging", access } });
    expect(parse(`set ${FLAG} 25% --local`)).toEqual({
      kind: "set",
      place: local,
      flag: FLAG,
      state: "25%",
      isReplacing: false,
      isConfirmed: false,
    });
    expect(parse(`--env production set ${FLAG} default --yes --replace`)).toMatchObject({
      state: null,
      isReplacing: true,
      isConfirmed: true,
    });
  });

  test("finds the npm start that it is about by PORT and DATA_DIR", ({ expect }) => {
    expect(parse("list --local", { PORT: "9000", DATA_DIR: "/data" })).toMatchObject({
      place: { persistTo: "/data/worker-state-9000" },
    });
  });

  test("may ask before production is changed where somebody is, and elsewhere wants --yes", ({ expect }) => {
    expect(parse(`set ${FLAG} off --env production`, ACCESS, true)).toMatchObject({ isConfirmed: false });
    expect(() => parse(`set ${FLAG} off --env production`)).toThrow("--yes");
    expect(parse(`set ${FLAG} off --env staging`)).toMatchObject({ isConfirmed: false });
  });

  test("goes to an emulator on this machine only", ({ expect }) => {
    const emulator = { ...ACCESS, CLOUDFLARE_API_BASE_URL: "http://127.0.0.1:8790/client/v4" };
    expect(parse("list --env staging", emulator)).toMatchObject({
      place: { access: { apiBaseUrl: "http://127.0.0.1:8790/client/v4" } },
    });
    const elsewhere = { ...ACCESS, CLOUDFLARE_API_BASE_URL: "https://example.com" };
    expect(() => parse("list --env staging", elsewhere)).toThrow("CLOUDFLARE_API_BASE_URL");
  });

  test.for([
    ["", "list or set"],
    ["show --local", "list or set"],
    ["list", "--local, or --env"],
    ["list --local --env staging", "--local, or --env"],
    ["list --env test", "--env must be staging or production"],
    ["list all --local", "no further words"],
    ["list --local --yes", "belong to set"],
    [`set ${FLAG} --local`, "a flag and its state"],
    [`set ${FLAG} on off --local`, "a flag and its state"],
    ["set other on --local", FLAG],
    [`set ${FLAG} true --local`, "on, off, default"],
    [`set ${FLAG} 101% --local`, "on, off, default"],
    [`set ${FLAG} on --local --force`, "--force"],
  ] as const)("refuses %o: %s", ([line, message], { expect }) => {
    expect(() => parse(line)).toThrow(message);
  });

  test("names what is missing in the environment, never a value", ({ expect }) => {
    expect(() => parse("list --env staging", {})).toThrow("CLOUDFLARE_API_TOKEN, CLOUDFLARE_ACCOUNT_ID");
    expect(() => parse("list --env staging", { ...ACCESS, CLOUDFLARE_ACCOUNT_ID: "s3cr3t" })).toThrow(/^(?!.*s3cr3t)/);
  });

  test("explains itself", ({ expect }) => {
    expect(parse("--help")).toBeNull();
    for (const part of ["--env", "--local", "--yes", "--replace", FLAG, "Exit code"]) expect(HELP).toContain(part);
  });
});
