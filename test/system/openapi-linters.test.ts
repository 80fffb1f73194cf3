import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { beforeAll, describe, test } from "vitest";

import { OPENAPI_FILE } from "../../tools/openapi/generate.ts";
import { generateClient } from "../support/client-generators.ts";
import { readArguedFindings } from "../support/owasp-arguments.ts";
import { runSpectral, SPECTRAL_MS, spoilt, testRules } from "../support/spectral.ts";

const committed = readFileSync(OPENAPI_FILE, "utf8");

describe("Spectral's rules for OpenAPI", () => {
  testRules(".spectral.yaml", committed, [
    ["an id that is used twice", "operation-operationId-unique", (text) => text.replace('"createUser"', '"listUsers"')],
    [
      "an example against its schema",
      "oas3-valid-schema-example",
      (text) => text.replaceAll('"example": "jdoe"', '"example": "j!"'),
    ],
    [
      "a shared example against its schema",
      "oas3-valid-media-example",
      (text) => text.replaceAll('"username": "jdoe"', '"username": "j!"'),
    ],
    [
      "a tag that is not declared",
      "operation-tag-defined",
      (text) => text.replaceAll('"tags": [\n          "Health"', '"tags": [\n          "Wealth"'),
    ],
  ]);
});

describe("Spectral's rules from OWASP", () => {
  const open = spoilt(committed, (text) =>
    text.replace(/("operationId": "createUser",[\s\S]*?"security": )\[[^\]]*\][^\]]*\][^\]]*\]/, "$1[]"),
  );
  const unlimited = spoilt(committed, (text) => text.replace('"maxItems": 100', '"minItems": 0'));
  const argued = readArguedFindings().map(({ code, place }) => `${code} ${place}`);
  let found: readonly (readonly string[])[];

  beforeAll(async () => {
    const all = await runSpectral(".spectral-owasp.yaml", [committed, open, unlimited]);
    found = all.map((findings) => [...new Set(findings.map(({ code, place }) => `${code} ${place}`))].toSorted());
  }, SPECTRAL_MS);

  const unarguedIn = (index: number) => found[index]?.filter((finding) => !argued.includes(finding));

  test("find what docs/api.md argues, one by one, and nothing else", ({ expect }) => {
    expect(new Set(argued).size, "a finding is argued twice").toBe(argued.length);
    expect(found[0]).toEqual(argued.toSorted());
  });

  test("find an operation on users that asks for no credentials", ({ expect }) => {
    expect(unarguedIn(1)).toContain("owasp:api2:2023-write-restricted POST /api/v1/users");
  });

  test("find a list without a limit", ({ expect }) => {
    expect(unarguedIn(2)).toEqual(["owasp:api4:2023-array-limit components/schemas/UserPage/properties/data"]);
  });

  test("are argued with a reason, for every status of its own", ({ expect }) => {
    const row = (reason: string) => `| \`owasp:x\` | \`GET /a 200 400\`, \`servers/0\` | ${reason} |`;
    const places = readArguedFindings(row("because it is open to everybody on purpose, as every probe is")).map(
      ({ place }) => place,
    );
    expect(places).toEqual(["GET /a 200", "GET /a 400", "servers/0"]);
    expect(() => readArguedFindings(row("because"))).toThrow("gives no reason for owasp:x");
  });
});

describe.for(["openapi-typescript", "@hey-api/openapi-ts"] as const)("the generator %s", (generator) => {
  /** In a folder of its own. */
  const generate = async (text: string) => {
    const folder = mkdtempSync(path.join(tmpdir(), "openapi-linters-"));
    try {
      const [file, output] = [path.join(folder, "openapi.json"), mkdtempSync(path.join(folder, "output-"))];
      writeFileSync(file, text);
      return await generateClient(generator, file, output);
    } finally {
      rmSync(folder, { recursive: true });
    }
  };

  test("makes a client that compiles, and complains about nothing", async ({ expect }) => {
    expect(await generate(committed)).toEqual([]);
  });

  test("complains about a schema that is nothing but itself", async ({ expect }) => {
    const document = JSON.parse(committed) as { readonly components: { readonly schemas: Record<string, object> } };
    document.components.schemas["User"] = { $ref: "#/components/schemas/User" };
    const complaints = await generate(JSON.stringify(document));
    expect(complaints).not.toEqual([]);
  });
});
