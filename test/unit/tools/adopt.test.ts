import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { describe, test } from "vitest";

import { linkTree } from "../../../tools/adopt/link-tree.ts";
import { applyHunks, PageError, parsePage } from "../../../tools/adopt/page.ts";

const PAGE = `# Adopt it

\`\`\`console
$ npm start
\`\`\`

## 1. Write

Why: because of \`src/why.ts\`.

\`src/a.ts\`

\`\`\`ts
export const A = 1;
\`\`\`

## 2. Change

\`src/b.ts\`

\`\`\`diff
 one
+one and a half
@@
-two
\`\`\`

\`\`\`sh
npm run generate
npm run verify
\`\`\`

## From here

\`\`\`console
$ npm start
\`\`\`
`;

describe("the page", () => {
  test("is its numbered sections: files, edits and commands, in order", ({ expect }) => {
    expect(parsePage(PAGE)).toEqual([
      { title: "1. Write", parts: [{ kind: "file", path: "src/a.ts", text: "export const A = 1;\n" }] },
      {
        title: "2. Change",
        parts: [
          {
            kind: "edit",
            path: "src/b.ts",
            hunks: [
              { before: "one\n", after: "one\none and a half\n" },
              { before: "two\n", after: "" },
            ],
          },
          { kind: "command", line: "npm run generate" },
          { kind: "command", line: "npm run verify" },
        ],
      },
    ]);
  });

  test.for([
    ["a block without a path", "```ts\nexport {};\n```"],
    ["a block whose path belongs to another one", "`a.ts`\n\n```ts\nexport {};\n```\n\n```ts\nexport {};\n```"],
    ["a block without a language", "`a.ts`\n\n```\nexport {};\n```"],
    ["a block in a language that it does not know", "`a.json`\n\n```json\n{}\n```"],
    ["a line of a diff that is neither kept, added nor taken away", "`a.ts`\n\n```diff\n+one\ntwo\n```"],
  ])("is refused for %s", ([, block = ""], { expect }) => {
    expect(() => parsePage(`## 1. Write\n\n${block}\n`)).toThrow(PageError);
  });
});

describe("an edit", () => {
  const edit = (before: string, after: string) =>
    applyHunks("one\ntwo\n\ntwo and a half\n", [{ before, after }], "a.ts");

  test("replaces whole lines, at the beginning, in the middle and at the end", ({ expect }) => {
    expect(edit("one\n", "1\n")).toBe("1\ntwo\n\ntwo and a half\n");
    expect(edit("two\n\n", "2\n")).toBe("one\n2\ntwo and a half\n");
    expect(edit("two and a half\n", "")).toBe("one\ntwo\n\n");
  });

  test.for([
    ["nowhere", "three\n"],
    ["nowhere", "wo\n"],
    ["nowhere", ""],
  ] as const)("is refused when its lines stand %s: %j", ([, before], { expect }) => {
    expect(() => edit(before, "")).toThrow(/^a\.ts has these lines nowhere/);
  });

  test("is refused when its lines stand there twice", ({ expect }) => {
    expect(() => applyHunks("a\nb\na\n", [{ before: "a\n", after: "" }], "a.ts")).toThrow(/more than once/);
  });
});

test("a linked folder has the same files, keeps links as they are, and gives nothing back", ({ expect }) => {
  const folder = mkdtempSync(join(tmpdir(), "link-tree-"));
  try {
    const [from, to] = [join(folder, "from"), join(folder, "to")];
    for (const name of ["package/.cache", ".cache"]) mkdirSync(join(from, name), { recursive: true });
    writeFileSync(join(from, "package/index.js"), "text");
    symlinkSync("../package/index.js", join(from, "package/bin"));
    linkTree(from, to);
    expect(readFileSync(join(to, "package/index.js"), "utf8")).toBe("text");
    expect(readlinkSync(join(to, "package/bin"))).toBe("../package/index.js");
    expect([existsSync(join(to, "package/.cache")), existsSync(join(to, ".cache"))]).toEqual([true, false]);
    writeFileSync(join(to, "new.js"), "");
    expect(existsSync(join(from, "new.js"))).toBe(false);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
