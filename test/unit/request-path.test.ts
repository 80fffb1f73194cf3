import { describe, test } from "vitest";

import { routingPath, sentPath } from "../../src/http/request-path.ts";

const ORIGIN = "https://users.test";

/** What a client may send after the host, in spellings that URL parsers leave and in others that they change. */
const TARGETS = [
  "",
  "/",
  "/?",
  "/health",
  "/health/?a=/b",
  "/api/v1/users/id/01932f2e-9d5a-7c31-b3f4-2f6f3c9d8a10",
  "/api/v1/users?username=j%20d&limit=1",
  "/a%2Fb/%E0%A4%A",
  "/a;b=c,d:e@f!$&'()*+",
  "//",
  "//a/b",
  "/%zz",
  "/.well-known",
  "/a/../b",
  "/a/./b",
  "/a/%2e%2E/b",
  "/a/..",
  "/a\\b\\c",
  "/a b",
  '/a"b<c>d`e{f}g|h^i[j]',
  "/\u00e9\u{1F600}",
  "/a#b?c",
  "/a\tb",
];

describe.for(TARGETS)("the path of %j", (target) => {
  const url = `${ORIGIN}${target}`;

  test("is what a URL parser makes of it", ({ expect }) => {
    expect(sentPath(url)).toBe(new URL(url).pathname);
  });

  test("finds its operation as if the parser had spelled it", ({ expect }) => {
    const raw = Object.defineProperty(new Request(ORIGIN), "url", { value: url });
    expect(routingPath(raw)).toBe(routingPath(new Request(url)));
  });
});

test("a URL without a parsable host is the root, and no failure", ({ expect }) => {
  const raw = Object.defineProperty(new Request(ORIGIN), "url", { value: "https://a b\\c/health" });
  expect(sentPath("https://a b\\c/health")).toBe("/");
  expect(routingPath(raw)).toBe("/");
});
