import { existsSync, globSync, readFileSync } from "node:fs";
import { join, posix, sep } from "node:path";

import { describe, test } from "vitest";

import { findCycles, readEdges, readImports } from "../support/import-graph.ts";
import { findFloorViolations, findViolations, FLOORS } from "../support/layer-rules.ts";

const ROOT = join(import.meta.dirname, "../..");

const readSources = (folder: string): Map<string, string> =>
  new Map(
    globSync(`${folder}/**/*.{ts,mjs}`, { cwd: ROOT })
      .filter((path) => !path.endsWith(".d.ts"))
      .map((path) => [path.split(sep).join("/"), readFileSync(join(ROOT, path), "utf8")]),
  );

describe("the source tree", () => {
  const files = readSources("src");
  const edges = readEdges(files);

  test("is really read: a check of an empty graph would always pass", ({ expect }) => {
    expect(files.size).toBeGreaterThan(30);
    expect(edges.length).toBeGreaterThan(100);
    for (const entry of ["src/index.ts", "src/app.ts", "src/dependencies.ts"]) expect(files.has(entry)).toBe(true);
  });

  test("keeps every import inside the rules of its layer", ({ expect }) => {
    expect(findViolations(edges, (path) => existsSync(join(ROOT, path)))).toEqual([]);
  });

  test("has no import cycle, not even of types", ({ expect }) => {
    expect(findCycles(edges)).toEqual([]);
  });

  test("names concrete adapters in the composition root only", ({ expect }) => {
    const isAdapter = (path: string) => /^src\/(db|repositories)\//.test(path);
    const users = edges.filter(({ from, to }) => isAdapter(to) && !isAdapter(from)).map(({ from }) => from);
    expect([...new Set(users)]).toEqual(["src/dependencies.ts"]);
  });
});

describe("the tools", () => {
  const files = readSources("tools");
  const edges = readEdges(files);

  test("are really read, those of every floor", ({ expect }) => {
    expect(edges.length).toBeGreaterThan(500);
    for (const floor of FLOORS)
      expect([...files.keys()].filter((path) => path.startsWith(`${floor}/`))).not.toEqual([]);
  });

  test("keep to their floors", ({ expect }) => {
    expect(findFloorViolations(edges)).toEqual([]);
  });

  test("have no import cycle, not even of types", ({ expect }) => {
    expect(findCycles(edges)).toEqual([]);
  });
});

describe("the control: planted violations of the floors", () => {
  /** [file, its only line, what must be said of it] */
  const PLANTED: readonly (readonly [string, string, string])[] = [
    ["emulator.ts", `import { startLoad } from "../rehearsal/load/index.ts";`, "may not import tools/rehearsal"],
    ["emulator.ts", `import type { Version } from "../release/versions.ts";`, "may not import tools/release"],
    ["data-plane/a.ts", `import type { User } from "../../../src/models/user.ts";`, "may not import src"],
    ["data-plane/a.ts", `import { seed } from "../../db/seed.ts";`, "may not import tools/db"],
    ["data-plane/a.ts", `const load = () => import("../../dev/stack.ts");`, "may not import tools/dev"],
    ["a.ts", `export * from "../../bench/run/measure.ts";`, "may not import bench"],
    ["a.ts", `import pg from "pg";`, "may not import the package pg"],
    ["../rehearsal/a.ts", `import { release } from "../release/command/release.ts";`, "may not import tools/release"],
    ["../rehearsal/load/a.ts", `import { run } from "../../../bench/run.ts";`, "may not import bench"],
    ["../release/a.ts", `import { Script } from "../cloudflare-emulator/model.ts";`, "may not import tools/cloudflare"],
    ["../release/judge/a.ts", `type A = import("../../rehearsal/a.ts").A;`, "may not import tools/rehearsal"],
    ["../process/a.ts", `import { UsageError } from "../command/usage-error.ts";`, "may not import tools/command"],
  ];

  test.for(PLANTED)("%s: %s", ([path, text, reason], { expect }) => {
    const file = posix.join("tools/cloudflare-emulator", path);
    const [violation, ...others] = findFloorViolations(readEdges(new Map([[file, text]])));
    expect(violation).toContain(`${file} ${reason}`);
    expect(others).toEqual([]);
  });

  test("what a floor may import is no violation", ({ expect }) => {
    const files = new Map([
      [
        "tools/cloudflare-emulator/a/b.ts",
        `import "../c.ts"; import "node:fs"; import "zod"; import "../../process/d.ts";`,
      ],
      ["tools/rehearsal/a.ts", `import "../cloudflare-emulator/emulator.ts"; import "../db/migrate.ts"; import "pg";`],
      ["tools/release/a.ts", `import "../smoke/run.ts"; import "../process/a.ts";`],
    ]);
    expect(findFloorViolations(readEdges(files))).toEqual([]);
  });
});

describe("the control: planted violations", () => {
  /** [file, its only line, what must be said of it] */
  const PLANTED: readonly (readonly [string, string, string])[] = [
    ["src/models/a.ts", `import { b } from "../services/a.ts";`, "may not import services"],
    ["src/models/b.ts", `import { z } from "zod";`, "may not import the package zod"],
    ["src/services/a.ts", `import type { Db } from "../db/a.ts";`, "may not import db"],
    ["src/services/b.ts", `export { v } from "uuidv7";`, "may not import the package uuidv7"],
    ["src/db/a.ts", `const later = () => import("../http/a.ts");`, "may not import http"],
    ["src/db/b.ts", `import { Hono } from "hono";`, "may not import the package hono"],
    ["src/repositories/a.ts", `export * from "../resilience/a.ts";`, "may not import resilience"],
    [
      "src/repositories/b.ts",
      `import "@neondatabase/serverless";`,
      "may not import the package @neondatabase/serverless",
    ],
    ["src/auth/a.ts", `import { config } from "../config.ts";`, "may not import config.ts"],
    ["src/http/a.ts", `type Db = import("../db/a.ts").Db;`, "may not import db"],
    ["src/http/users/b.ts", `import { Repo } from "../../repositories/a.ts";`, "may not import repositories"],
    ["src/http/users/c.ts", `import { sql } from "drizzle-orm/sql";`, "may not import the package drizzle-orm"],
    ["src/http/users/d.ts", `import { run } from "../../services/a.ts";`, "may import only types of services"],
    ["src/resilience/a.ts", `import { logger } from "hono/logger";`, "may not import the package hono"],
    ["src/observability/a.ts", `import { Context } from "hono";`, "may not import the package hono"],
    ["src/app.ts", `import { Repo } from "./repositories/a.ts";`, "may not import repositories"],
    [
      "src/config.ts",
      `import { neon } from "@neondatabase/serverless";`,
      "may not import the package @neondatabase/serverless",
    ],
    ["src/dependencies.ts", `import { start } from "../tools/a.ts";`, "leaves src"],
    ["src/worker.ts", `import { z } from "./bundle/a.ts";`, "may not import bundle"],
    ["src/bundle/a.ts", `export { run } from "../services/a.ts";`, "may not import services"],
    ["src/http/e.ts", `import { gone } from "./gone.ts";`, "does not resolve to a file"],
    ["src/http/f.ts", "const load = (name: string) => import(name);", "imports a computed path"],
    ["src/helpers/a.ts", `import { x } from "../models/a.ts";`, "is in no known layer"],
  ];
  const paths = new Set([...PLANTED.map(([path]) => path), "tools/a.ts"]);

  test.for(PLANTED)("%s: %s", ([path, text, reason], { expect }) => {
    const [violation, ...others] = findViolations(readEdges(new Map([[path, text]])), (target) => paths.has(target));
    expect(violation).toContain(`${path} ${reason}`);
    expect(others).toEqual([]);
  });

  test("a cycle is reported, also when one of its steps is a type", ({ expect }) => {
    const files = new Map([
      ["src/db/a.ts", `import { b } from "./b.ts";`],
      ["src/db/b.ts", `import type { C } from "./c.ts";`],
      ["src/db/c.ts", `export * from "./a.ts";`],
      ["src/db/d.ts", `import { a } from "./a.ts";`],
    ]);
    expect(findCycles(readEdges(files))).toEqual([["src/db/a.ts", "src/db/b.ts", "src/db/c.ts", "src/db/a.ts"]]);
  });

  test("two roads to one module are no cycle", ({ expect }) => {
    const files = new Map([
      ["src/db/a.ts", `import { b } from "./b.ts"; import { c } from "./c.ts";`],
      ["src/db/b.ts", `import { c } from "./c.ts";`],
      ["src/db/c.ts", "export const c = 1;"],
    ]);
    expect(findCycles(readEdges(files))).toEqual([]);
  });

  test("comments, strings and patterns that look like imports are none", ({ expect }) => {
    const text = [
      `// import { a } from "../db/a.ts";`,
      `/* export * from "../db/a.ts"; */`,
      'const text = `import "../db/a.ts"`;',
      `const pattern = /import("..\\/db\\/a.ts")/;`,
      `import { real } from "./real.ts"; // from "../db/a.ts"`,
    ];
    expect(readImports(text.join("\n"))).toEqual([{ specifier: "./real.ts", isTypeOnly: false }]);
  });
});
