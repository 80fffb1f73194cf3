import { readFileSync } from "node:fs";

import { describe, test } from "vitest";

import { ERROR_CODES } from "../../../../tools/cloudflare-emulator/control-plane/http/api-error.ts";
import { ROUTES } from "../../../../tools/cloudflare-emulator/control-plane/routes/index.ts";

const page = readFileSync(new URL("../../../../tools/cloudflare-emulator/API.md", import.meta.url), "utf8");

const rows = (pattern: RegExp): string[] => [...page.matchAll(pattern)].map((match) => match.slice(1).join(" "));
/** As the page shortens it. */
const shorten = (pattern: string): string =>
  pattern
    .replace(/^\/accounts\/:account\/workers\/scripts\/:script(?=\/|$)/, "S")
    .replace(/^\/accounts\/:account(?=\/)/, "A");

describe("the page about calls and rules", () => {
  test("lists the calls that the router knows, each once", ({ expect }) => {
    const listed = rows(/^\| (GET|PUT|POST|PATCH|DELETE) \| `([^`]+)` \|/gm);
    expect(listed.toSorted()).toEqual(ROUTES.map(({ method, pattern }) => `${method} ${shorten(pattern)}`).toSorted());
  });

  test("lists every error code, each once", ({ expect }) => {
    const listed = rows(/^\| (\d{4,5}) \| \d{3} \|/gm).map(Number);
    expect(listed).toEqual(Object.values(ERROR_CODES).toSorted((left, right) => left - right));
  });
});
