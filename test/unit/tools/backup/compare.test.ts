import { describe, test } from "vitest";

import type { DatabaseContent } from "../../../../tools/backup/database/content.ts";
import { compareContent } from "../../../../tools/backup/drill/compare.ts";
import { formatReport } from "../../../../tools/backup/drill/report.ts";
import { EMPTY_CONTENT, emptyManifest } from "../../../support/backup-manifest.ts";

const CONTENT: DatabaseContent = {
  tables: [{ table: "public.users", columns: ["id uuid"], rows: 2, checksum: "a".repeat(32) }],
  structure: {
    constraints: [
      { name: "public.users age", definition: "CHECK ((((age >= 1) AND (age <= 9)) AND ok))", isValid: true },
    ],
    indexes: [
      { name: "public.users users_pkey", definition: "CREATE UNIQUE INDEX users_pkey ON users (id)", isValid: true },
    ],
    objects: ["function public.f() 0123456789ab"],
  },
  migrations: [{ name: "0000_a", hash: "b".repeat(64) }],
};

const problemsOf = (restored: DatabaseContent, dumped = CONTENT): readonly string[] =>
  compareContent(dumped, restored).flatMap(({ problems }) => problems);

const withTable = (change: object): DatabaseContent => ({
  ...CONTENT,
  tables: CONTENT.tables.map((table) => ({ ...table, ...change })),
});

describe("the comparison of a drill", () => {
  test("finds nothing between equals, and everything between something and nothing", ({ expect }) => {
    expect(problemsOf(structuredClone(CONTENT))).toEqual([]);
    expect(problemsOf(EMPTY_CONTENT)).toHaveLength(5);
    expect(problemsOf(CONTENT, EMPTY_CONTENT)).toHaveLength(5);
  });

  test.for([
    [{ rows: 1 }, "public.users has 1 rows, not 2"],
    [{ checksum: "c".repeat(32) }, "public.users has as many rows, but others"],
    [{ columns: ["id text"] }, "public.users has other columns: id text, not id uuid"],
  ] as const)("%j is a difference of a table", ([change, problem], { expect }) => {
    expect(problemsOf(withTable(change))).toEqual([problem]);
  });

  test("takes no offence at parentheses, which PostgreSQL drops when it reads its own spelling", ({ expect }) => {
    const [constraint] = CONTENT.structure.constraints;
    const respelled = {
      name: "",
      isValid: true,
      ...constraint,
      definition: "CHECK (((age >= 1) AND (age <= 9) AND ok))",
    };
    const other = { ...respelled, definition: "CHECK (((age >= 1) AND (age <= 8) AND ok))" };
    const content = (each: typeof respelled) => ({
      ...CONTENT,
      structure: { ...CONTENT.structure, constraints: [each] },
    });
    expect(problemsOf(content(respelled))).toEqual([]);
    expect(problemsOf(content(other))).toHaveLength(2);
  });

  test("sees what became invalid, not what was so before", ({ expect }) => {
    const invalid: DatabaseContent = {
      ...CONTENT,
      structure: {
        ...CONTENT.structure,
        indexes: CONTENT.structure.indexes.map((index) => ({ ...index, isValid: false })),
      },
    };
    expect(problemsOf(invalid)).toEqual(["public.users users_pkey is not valid"]);
    expect(problemsOf(invalid, invalid)).toEqual([]);
    expect(problemsOf(CONTENT, invalid)).toEqual([]);
  });
});

describe("the report of a drill", () => {
  const report = (restored: DatabaseContent): string =>
    formatReport({
      manifest: emptyManifest(CONTENT),
      comparisons: compareContent(CONTENT, restored),
      server: "17.6",
      restoreMs: 1_250,
    });

  test("is a table and ends with the verdict", ({ expect }) => {
    expect(report(CONTENT).split("\n")).toEqual([
      "               dumped               restored",
      "public.users   2 rows aaaaaaaaaaaa  2 rows aaaaaaaaaaaa  equal",
      "constraints    1                    1                    equal",
      "indexes        1                    1                    equal",
      "other objects  1                    1                    equal",
      "migrations     1                    1                    equal",
      "Restored: b.dump, of 2026-11-30T08:19:34.567Z, is equal to what was dumped (PostgreSQL 17.6, 1.3 s)",
    ]);
    expect(
      report(withTable({ rows: 1 }))
        .split("\n")
        .slice(-2),
    ).toEqual(["! public.users has 1 rows, not 2", "NOT EQUAL: b.dump has 1 difference. Do not rely on this backup"]);
  });
});
