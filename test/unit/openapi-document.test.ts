import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { describe, test } from "vitest";

import { PROBLEM_TYPES } from "../../src/http/problem-registry.ts";
import { findDifference, generateDocument, OPENAPI_FILE } from "../../tools/openapi/generate.ts";
import { OPERATION_STATUSES } from "../support/http-contract.ts";
import { lintOpenapi, type LintProblem } from "../support/redocly.ts";

interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly description: string;
  readonly tags: readonly string[];
  readonly security: readonly unknown[];
  readonly responses: Readonly<Record<string, { content?: Record<string, { examples?: Record<string, unknown> }> }>>;
}

interface OpenapiDocument {
  openapi: string;
  readonly tags: readonly { readonly name: string }[];
  readonly paths: Record<string, Record<string, Operation>>;
}

const PROBLEM_JSON = "application/problem+json";
const parse = () => JSON.parse(generateDocument()) as OpenapiDocument;
const operationsOf = (document: OpenapiDocument) =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.values(methods).map((operation) => ({ path, ...operation })),
  );

describe("docs/openapi.json", () => {
  test("is what the routes generate", ({ expect }) => {
    expect(findDifference(readFileSync(OPENAPI_FILE, "utf8"), generateDocument())).toBeNull();
  });

  test("is found stale when a single word differs, a line is missing or one is too many", ({ expect }) => {
    const generated = generateDocument();
    const line = generated.split("\n").findIndex((text) => text.includes('"Create a user"'));
    const hint = findDifference(generated.replace('"Create a user"', '"Create an user"'), generated);
    expect(hint).toMatch(new RegExp(`^line ${line + 1}\n.*Create an user.*\n.*Create a user`));
    expect(findDifference(generated.slice(0, -1), generated)).not.toBeNull();
    expect(findDifference(`${generated}\n`, generated)).not.toBeNull();
  });

  test("comes out the same each time", ({ expect }) => {
    expect(generateDocument()).toBe(generateDocument());
  });

  test("obeys OpenAPI 3.1 and the strict recommended rules", async ({ expect }) => {
    expect(parse().openapi).toBe("3.1.0");
    expect(await lintOpenapi(OPENAPI_FILE)).toEqual([]);
  });

  test("breaks the rules when a summary, the statuses, an id or a security scheme is spoilt", async ({ expect }) => {
    const document = parse();
    const { get, post } = document.paths["/api/v1/users"] ?? {};
    Object.assign(get ?? {}, { summary: undefined, responses: { 200: { description: 7 } } });
    Object.assign(post ?? {}, { operationId: "listUsers", security: [{ noSuchScheme: [] }] });
    const found = (await lint(document)).map(({ ruleId, pointer }) => `${ruleId} ${pointer}`);
    const users = "#/paths/~1api~1v1~1users";
    expect(found).toEqual(
      expect.arrayContaining([
        `operation-summary ${users}/get/summary`,
        `operation-4xx-response ${users}/get/responses`,
        `struct ${users}/get/responses/200/description`,
        `operation-operationId-unique ${users}/post/listUsers`,
        `security-defined ${users}/post/security/0/noSuchScheme`,
      ]),
    );
  });

  test("describes every operation in full", ({ expect }) => {
    const document = parse();
    const tags = document.tags.map(({ name }) => name);
    for (const {
      path: template,
      operationId,
      summary,
      description,
      tags: [tag = "none"],
      security,
    } of operationsOf(document)) {
      expect(summary, operationId).toMatch(/^\S.*[^.]$/);
      expect(description, operationId).toMatch(/^[A-Z][\s\S]*\.$/);
      expect(tags, operationId).toContain(tag);
      expect(security, operationId).toEqual(template.startsWith("/api/") ? [{ apiKey: [] }, { bearer: [] }] : []);
    }
  });

  test("gives every operation exactly the statuses that it can answer with", ({ expect }) => {
    const documented = operationsOf(parse()).map(({ operationId, responses }) => [
      operationId,
      Object.keys(responses).map(Number),
    ]);
    const expected = Object.entries(OPERATION_STATUSES).map(([id, statuses]) => [
      id,
      statuses.toSorted((a, b) => a - b),
    ]);
    expect(Object.fromEntries(documented)).toEqual(Object.fromEntries(expected));
  });

  test("shows each problem of the registry under its status, and under no other", ({ expect }) => {
    const shown = new Set<string>();
    for (const { operationId, responses } of operationsOf(parse())) {
      for (const [status, { content }] of Object.entries(responses)) {
        for (const code of Object.keys(content?.[PROBLEM_JSON]?.examples ?? {})) {
          expect(PROBLEM_TYPES, operationId).toHaveProperty([code, "status"], Number(status));
          shown.add(code);
        }
      }
    }
    const partOfNoOperation = ["method-not-allowed"];
    expect([...shown, ...partOfNoOperation].toSorted()).toEqual(Object.keys(PROBLEM_TYPES).toSorted());
  });
});

async function lint(document: OpenapiDocument): Promise<LintProblem[]> {
  const folder = mkdtempSync(path.join(tmpdir(), "openapi-"));
  try {
    const file = path.join(folder, "openapi.json");
    writeFileSync(file, JSON.stringify(document));
    return await lintOpenapi(file);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
