import { execFileSync } from "node:child_process";

import { describe, test } from "vitest";

import { toCurl } from "../../../../tools/assets/reference/page/curl.js";
import { type Inputs, prepareRequest } from "../../../../tools/assets/reference/page/request.js";

const CREDENTIAL = { scheme: "apiKey", header: "X-API-Key", prefix: "", value: "the secret" };

const inputs = (part: Partial<Inputs>): Inputs => ({
  method: "GET",
  path: "/users",
  fields: [],
  mediaType: null,
  body: null,
  credentials: [],
  ...part,
});

describe("the request of a form", () => {
  test("has each field in its place, encoded", ({ expect }) => {
    const request = prepareRequest(
      inputs({
        path: "/users/{id}",
        fields: [
          { in: "path", name: "id", value: "a/b?c" },
          { in: "query", name: "created_after", value: "2026-01-01T00:00:00+01:00" },
          { in: "query", name: "q", value: "ä&b" },
          { in: "header", name: "If-Match", value: '"1"' },
        ],
      }),
    );
    expect(request.path).toBe("/users/a%2Fb%3Fc?created_after=2026-01-01T00%3A00%3A00%2B01%3A00&q=%C3%A4%26b");
    expect(request.headers).toEqual([["If-Match", '"1"']]);
  });

  test("leaves out what is empty", ({ expect }) => {
    const fields = (["path", "query", "header"] as const).map((place) => ({ in: place, name: "id", value: "" }));
    expect(prepareRequest(inputs({ path: "/users/{id}", fields }))).toMatchObject({ path: "/users/{id}", headers: [] });
  });

  test("says of what type its body is", ({ expect }) => {
    const request = prepareRequest(inputs({ method: "POST", mediaType: "application/json", body: "{}" }));
    expect(request).toMatchObject({ headers: [["Content-Type", "application/json"]], body: "{}" });
  });
});

describe("the command of a form", () => {
  /** What a shell makes of the command, argument by argument. */
  function argumentsOf(command: string): string[] {
    const script = `curl() { printf '%s\\0' "$@"; }\n${command}`;
    const output = execFileSync("sh", ["-c", script], { encoding: "utf8", env: { API_KEY: "of the shell" } });
    return output.split("\0").slice(0, -1);
  }

  test("means to a shell what the form says, whatever stands in it", ({ expect }) => {
    const body = `{"name":"O'Hara $(id) \`id\` \\\\ \\n !"}\n\n`;
    const fields = [{ in: "header", name: "If-Match", value: `"it's"` }] as const;
    const request = prepareRequest(
      inputs({ method: "PATCH", mediaType: "application/json", body, fields, credentials: [CREDENTIAL] }),
    );
    const sent = argumentsOf(toCurl(request, "http://127.0.0.1:8787"));
    expect(sent.slice(0, 4)).toEqual(["-i", "http://127.0.0.1:8787/users", "-X", "PATCH"]);
    expect(sent.slice(4, 10).filter((part) => part !== "-H")).toEqual([
      "Content-Type: application/json",
      `If-Match: "it's"`,
      "X-API-Key: of the shell",
    ]);
    expect(sent.slice(10)).toEqual(["--data-raw", body]);
  });

  test("names a secret by its variable only", ({ expect }) => {
    const bearer = { scheme: "bearer", header: "Authorization", prefix: "Bearer ", value: "the secret" };
    const command = toCurl(prepareRequest(inputs({ credentials: [CREDENTIAL, bearer] })), "https://x.example");
    expect(command).not.toContain("the secret");
    expect(command).toContain('-H "X-API-Key: $API_KEY"');
    expect(command).toContain('-H "Authorization: Bearer $BEARER"');
  });
});
