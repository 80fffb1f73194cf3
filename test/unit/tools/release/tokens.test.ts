import { describe, test } from "vitest";

import { splitAt, tokenize } from "../../../../tools/release/migrations/tokens.ts";

const texts = (sql: string): readonly string[] => tokenize(sql).map(({ kind, text }) => `${kind} ${text}`);
const statements = (sql: string): readonly string[] =>
  splitAt(tokenize(sql), ";").map((tokens) => tokens.map(({ source }) => source).join(" "));

describe("the pieces of SQL", () => {
  test.for([
    { what: "words, in upper case", sql: "drop Table", pieces: ["word DROP", "word TABLE"] },
    { what: "quoted names as they stand", sql: '"Drop ""Table"""', pieces: ['name Drop "Table"'] },
    { what: "numbers", sql: "1 2.5e3", pieces: ["number 1", "number 2.5e3"] },
    { what: "symbols", sql: "(a,b)", pieces: ["symbol (", "word A", "symbol ,", "word B", "symbol )"] },
    { what: "letters of any script", sql: "größe", pieces: ["word GRÖSSE"] },
    { what: "no line comments", sql: "a -- drop; '\nb", pieces: ["word A", "word B"] },
    { what: "no block comments, nested ones neither", sql: "a /* x /* ' */ ; */ b", pieces: ["word A", "word B"] },
    { what: "a comment that is not closed", sql: "a /* /* b */", pieces: ["word A"] },
    { what: "strings with quotes inside", sql: "'it''s; --' x", pieces: ["string 'it''s; --'", "word X"] },
    { what: "empty strings", sql: "'' x", pieces: ["string ''", "word X"] },
    { what: "strings without escapes", sql: String.raw`'a\' x`, pieces: [String.raw`string 'a\'`, "word X"] },
    { what: "strings with escapes", sql: String.raw`E'a\'; b' x`, pieces: [String.raw`string E'a\'; b'`, "word X"] },
    { what: "strings with a prefix", sql: "U&'d' b'1'", pieces: ["string U&'d'", "string b'1'"] },
    { what: "dollar quotes", sql: "$$ drop; $a$ $$ x", pieces: ["string $$ drop; $a$ $$", "word X"] },
    { what: "tagged dollar quotes", sql: "$f$ $$ ; $$ $f$ x", pieces: ["string $f$ $$ ; $$ $f$", "word X"] },
    { what: "dollars inside of words", sql: "a$b$ ; c", pieces: ["word A$B$", "symbol ;", "word C"] },
    { what: "a string that is not closed", sql: "'drop; table", pieces: ["string 'drop; table"] },
    { what: "a dollar quote that is not closed", sql: "$$ drop;\n x", pieces: ["string $$ drop;\n x"] },
  ])("$what", ({ sql, pieces }, { expect }) => {
    expect(texts(sql)).toEqual(pieces);
  });
});

describe("statements", () => {
  test("end at semicolons", ({ expect }) => {
    expect(statements("select 1; ; select 2;")).toEqual(["select 1", "select 2"]);
  });

  test("keep the body of a SQL function together, whatever CASE stands in it", ({ expect }) => {
    const body = "create function f() begin atomic select case when true then 1 end ; select 2 ; end";
    expect(statements(`${body}; drop table users`)).toEqual([
      body.replaceAll("()", " ( )").replaceAll(/ +/g, " "),
      "drop table users",
    ]);
  });

  test.for([
    "create view v as select 1 as case",
    "create view v as select 1 as end",
    "create view v as select begin atomic from t",
    "create function f ( ) return ( select begin atomic from t )",
    "create function f ( ) begin atomic select 1 as case ; select 1 end ; end",
    "create or replace procedure p ( ) begin atomic end",
  ])("are not hidden by what looks like the beginning of a body: %s", (first, { expect }) => {
    expect(statements(`${first}; truncate users`)).toEqual([first, "truncate users"]);
  });

  test("are not split inside of parentheses", ({ expect }) => {
    expect(splitAt(tokenize("add a int default f(1, 2), add b int"), ",")).toHaveLength(2);
  });
});
