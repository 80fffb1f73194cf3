import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { describe, test } from "vitest";

import { OPENAPI_FILE } from "../../tools/openapi/generate.ts";
import { generateClient } from "../support/client-generators.ts";
import { readArguedFindings } from "../support/owasp-arguments.ts";
import { runSpectral } from "../support/spectral.ts";

type Spoil = (text: string) => string;
const asCommitted: Spoil = (text) => text;

/** Runs a check on the document, spoilt or not, in a folder of its own. */
async function inspect<Result>(
  spoil: Spoil,
  check: (file: string, folder: string) => Promise<Result>,
): Promise<Result> {
  const folder = mkdtempSync(path.join(tmpdir(), "openapi-linters-"));
  try {
    const committed = readFileSync(OPENAPI_FILE, "utf8");
    const text = spoil(committed);
    if (spoil !== asCommitted && text === committed) throw new Error("nothing was spoilt");
    const [file, output] = [path.join(folder, "openapi.json"), mkdtempSync(path.join(folder, "output-"))];
    writeFileSync(file, text);
    return await check(file, output);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe("Spectral's rules for OpenAPI", () => {
  const lint = (spoil: Spoil) => inspect(spoil, (file) => runSpectral(".spectral.yaml", file));

  test("find nothing", async ({ expect }) => {
    expect(await lint(asCommitted)).toEqual([]);
  });

  test.for([
    [
      "an id that is used twice",
      "operation-operationId-unique",
      (text: string) => text.replace('"createUser"', '"listUsers"'),
    ],
    [
      "an example against its schema",
      "oas3-valid-schema-example",
      (text: string) => text.replaceAll('"example": "jdoe"', '"example": "j!"'),
    ],
    [
      "a shared example against its schema",
      "oas3-valid-media-example",
      (text: string) => text.replaceAll('"username": "jdoe"', '"username": "j!"'),
    ],
    [
      "a tag that is not declared",
      "operation-tag-defined",
      (text: string) => text.replaceAll('"tags": [\n          "Health"', '"tags": [\n          "Wealth"'),
    ],
  ] as const)("find %s", async ([, rule, spoil], { expect }) => {
    expect((await lint(spoil)).map(({ code }) => code)).toContain(rule);
  });
});

describe("Spectral's rules from OWASP", () => {
  const lint = async (spoil: Spoil) => {
    const findings = await inspect(spoil, (file) => runSpectral(".spectral-owasp.yaml", file));
    return [...new Set(findings.map(({ code, place }) => `${code} ${place}`))].toSorted();
  };
  const argued = readArguedFindings().map(({ code, place }) => `${code} ${place}`);

  test("find what docs/api.md argues, one by one, and nothing else", async ({ expect }) => {
    expect(new Set(argued).size, "a finding is argued twice").toBe(argued.length);
    expect(await lint(asCommitted)).toEqual(argued.toSorted());
  });

  test("find an operation on users that asks for no credentials", async ({ expect }) => {
    const open = (text: string) =>
      text.replace(/("operationId": "createUser",[\s\S]*?"security": )\[[^\]]*\][^\]]*\][^\]]*\]/, "$1[]");
    const unargued = (await lint(open)).filter((finding) => !argued.includes(finding));
    expect(unargued).toContain("owasp:api2:2023-write-restricted POST /api/v1/users");
  });

  test("find a list without a limit", async ({ expect }) => {
    const unargued = (await lint((text) => text.replace('"maxItems": 100', '"minItems": 0'))).filter(
      (finding) => !argued.includes(finding),
    );
    expect(unargued).toEqual(["owasp:api4:2023-array-limit components/schemas/UserPage/properties/data"]);
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
  const generate = (spoil: Spoil) => inspect(spoil, (file, folder) => generateClient(generator, file, folder));

  test("makes a client that compiles, and complains about nothing", async ({ expect }) => {
    expect(await generate(asCommitted)).toEqual([]);
  });

  test("complains about a schema that is nothing but itself", async ({ expect }) => {
    const complaints = await generate((text) => {
      const document = JSON.parse(text) as { readonly components: { readonly schemas: Record<string, object> } };
      document.components.schemas["User"] = { $ref: "#/components/schemas/User" };
      return JSON.stringify(document);
    });
    expect(complaints).not.toEqual([]);
  });
});
