import { existsSync, readFileSync } from "node:fs";
import path from "node:path";

import { describe, test } from "vitest";

const ROOT = path.resolve(import.meta.dirname, "../..");

/** OWASP API Security Top 10, edition 2023, by its own titles. */
const TOP_TEN = [
  "API1:2023 Broken Object Level Authorization",
  "API2:2023 Broken Authentication",
  "API3:2023 Broken Object Property Level Authorization",
  "API4:2023 Unrestricted Resource Consumption",
  "API5:2023 Broken Function Level Authorization",
  "API6:2023 Unrestricted Access to Sensitive Business Flows",
  "API7:2023 Server Side Request Forgery",
  "API8:2023 Security Misconfiguration",
  "API9:2023 Improper Inventory Management",
  "API10:2023 Unsafe Consumption of APIs",
];

const REFERENCE = /`(test\/[\w./-]+\.test\.ts)`: "((?:[^"\\]|\\.)+)"/g;
const PROJECT_FILE = /`((?:src|test|tools|docs|\.github)\/[\w./-]+)`/g;

/** What is wrong with the page; nothing when it keeps its promises. */
function findFaults(page: string): readonly string[] {
  const sections = new Map(page.split(/^##+ /m).map((section) => [section.split("\n", 1)[0] ?? "", section] as const));
  const missing = TOP_TEN.filter((title) => !sections.has(title)).map((title) => `no section ${title}`);
  const incomplete = TOP_TEN.flatMap((title) => faultsOf(title, sections.get(title) ?? ""));
  const rows = page.split("\n").filter((line) => line.startsWith("| ") && !/^\| (?:what|asset)/.test(line));
  // Those of the assets name no test: nothing is claimed about them.
  const claims = rows.slice(rows.findIndex((row) => row.match(REFERENCE) !== null));
  const untested = claims.filter((row) => row.match(REFERENCE) === null).map((row) => `no test: ${row}`);
  const gone = [...page.matchAll(REFERENCE)]
    .filter(([, file = "", name = ""]) => !isTest(file, name))
    .map(([, file, name]) => `${file} has no test "${name}"`);
  const lost = [...page.matchAll(PROJECT_FILE)]
    .filter(([, file = ""]) => !existsSync(path.join(ROOT, file)))
    .map(([, file]) => `there is no ${file}`);
  return [...missing, ...incomplete, ...untested, ...gone, ...lost];
}

function faultsOf(title: string, section: string): readonly string[] {
  return [
    ...(section.match(REFERENCE) === null ? [`${title} names no test`] : []),
    ...(section.includes("\n**What remains:** ") ? [] : [`${title} does not say what remains`]),
  ];
}

/** Whether the file has a test, or a group of tests, of exactly this name: a call whose first argument it is. */
function isTest(file: string, name: string): boolean {
  if (!existsSync(path.join(ROOT, file))) return false;
  const [before = "", ...calls] = readFileSync(path.join(ROOT, file), "utf8").split(`"${name}"`);
  return [before, ...calls.slice(0, -1)].some((text) => calls.length > 0 && /\(\s*$/.test(text));
}

const PAGE = readFileSync(path.join(ROOT, "docs/security.md"), "utf8");

describe("docs/security.md", () => {
  test("has all ten of OWASP, a test for each row, and no test or file that is not there", ({ expect }) => {
    expect(findFaults(PAGE)).toEqual([]);
  });

  test.for([
    ["a section is left out", /### API7:2023 Server Side Request Forgery/, "### Requests", "no section API7:2023"],
    [
      "a section does not say what remains",
      /\*\*What remains:\*\* there are two functions/,
      "There are two",
      "API5:2023",
    ],
    [
      "a test is renamed",
      /"is 428 without|"keeps secrets out of its variables"/,
      '"keeps secrets"',
      'no test "keeps secrets"',
    ],
    [
      "a file of tests is renamed",
      /test\/unit\/jwks\.test\.ts/,
      "test/unit/keys.test.ts",
      "test/unit/keys.test.ts has no test",
    ],
    ["a row names no test", / \| `test\/http\/deprecation[^|]+\|/, " | none |", "no test: | old operations stay"],
    ["a source is moved", /`src\/services\/`/, "`src/service/`", "there is no src/service/"],
  ] as const)("is found at fault when %s", ([, place, replacement, fault], { expect }) => {
    expect(PAGE).toMatch(place);
    const faults = findFaults(PAGE.replace(place, replacement));
    expect(faults.join("\n")).toContain(fault);
  });
});
