import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { MethodOptions_IdempotencyLevel } from "@bufbuild/protobuf/wkt";
import { describe, test } from "vitest";

import { UsersService } from "../../../rpc/src/gen/users/v1/users_pb.ts";
import { findStale } from "../../../tools/rpc/generate.ts";

describe("generated code", () => {
  test("is stale where a file differs, is missing, or is left over", ({ expect }) => {
    const folder = mkdtempSync(path.join(tmpdir(), "rpc-stale-"));
    try {
      const write = (name: string, text: string): void => {
        const file = path.join(folder, name);
        mkdirSync(path.dirname(file), { recursive: true });
        writeFileSync(file, text);
      };
      write("committed/a/same.ts", "1");
      write("committed/a/other.ts", "1");
      write("committed/over.ts", "1");
      write("fresh/a/same.ts", "1");
      write("fresh/a/other.ts", "2");
      write("fresh/a/b/new.ts", "1");
      const stale = findStale(path.join(folder, "committed"), path.join(folder, "fresh"));
      expect(stale).toEqual(["a/b/new.ts", "a/other.ts", "over.ts"]);
      expect(findStale(path.join(folder, "fresh"), path.join(folder, "fresh"))).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test("knows which methods change nothing, for those may be called by GET", ({ expect }) => {
    const reading = UsersService.methods.filter(
      ({ idempotency }) => idempotency === MethodOptions_IdempotencyLevel.NO_SIDE_EFFECTS,
    );
    expect(reading.map(({ name }) => name)).toEqual(["GetUser", "GetUserByUsername", "ListUsers"]);
    expect(UsersService.methods.map(({ methodKind }) => methodKind)).toEqual(Array(6).fill("unary"));
  });
});
