import { describe, test } from "vitest";

import { idempotencyKey, ifMatch, toSegment } from "../../../rpc/src/users/texts.ts";

describe("texts of a caller on their way to the API", () => {
  test("in a path never become another path", ({ expect }) => {
    for (const text of ["", ".", ".."]) {
      expect(new URL(`https://api/users/id/${encodeURIComponent(toSegment(text))}`).pathname).toBe("/users/id/~");
    }
    expect(toSegment("a/../b")).toBe("a/../b");
    expect(() => encodeURIComponent(toSegment("\u{d800}"))).not.toThrow();
  });

  test("in a header are as they are, or refused by the API", ({ expect }) => {
    expect(ifMatch("")).toEqual({});
    expect(ifMatch('"id.1"')).toEqual({ "If-Match": '"id.1"' });
    expect(ifMatch('"id.1"\r\nX: y')).toEqual({ "If-Match": "malformed" });
    expect(idempotencyKey("")).toEqual({});
    expect(idempotencyKey(String.raw`a"b\c`)).toEqual({ "Idempotency-Key": String.raw`"a\"b\\c"` });
    expect(idempotencyKey("ü")).toEqual({ "Idempotency-Key": '""' });
  });
});
