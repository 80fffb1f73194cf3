import { globSync, readFileSync } from "node:fs";

import { Validator } from "@cfworker/json-schema";
import { describe, test } from "vitest";

import { createLogger, describeError } from "../../src/observability/logger.ts";
import {
  checkLogEvents,
  checkLogText,
  DOCUMENTED_EVENTS,
  documentedFields,
  findLogFaults,
} from "../support/log-schema.ts";

const schema: unknown = JSON.parse(readFileSync("docs/log-events.schema.json", "utf8"));
const BASE = { version_id: "local", version_tag: null };
const line = (level: string, event: string, fields: object) => ({ level, event, ...BASE, ...fields });
const MAINTENANCE = line("info", "maintenance", { removed_idempotency_keys: 3, removed_user_events: 0 });

describe("docs/log-events.schema.json", () => {
  test("has a definition for every event that the sources write, and for no other", ({ expect }) => {
    const sources = globSync("{src,events/src,rpc/src}/**/*.ts").map((file) => readFileSync(file, "utf8"));
    const logged = sources.flatMap((text) =>
      [...text.matchAll(/\.log\((?:[^,()]|\([^()]*\))+, "([a-z_]+)"/g)].map(([, name]) => name),
    );
    const kinds = sources.flatMap((text) =>
      [...text.matchAll(/readonly kind: "([a-z]+_[a-z_]+)"/g)].map(([, name]) => name),
    );
    expect(new Set([...logged, ...kinds])).toEqual(new Set(DOCUMENTED_EVENTS));
  });

  test("is told field by field in docs/observability.md", ({ expect }) => {
    const page = readFileSync("docs/observability.md", "utf8");
    const rows = new Map(
      [...page.matchAll(/^\| `([a-z_]+)` \|(.*)$/gm)].map(([, name = "", rest = ""]) => [name, rest]),
    );
    const missing = DOCUMENTED_EVENTS.flatMap((event) =>
      documentedFields(event)
        .slice(5, -1)
        .filter((field) => !rows.get(event)?.includes(`\`${field}\``))
        .map((field) => `${event}.${field}`),
    );
    expect(missing).toEqual([]);
  });

  test("is closed everywhere: no object of it takes members that it does not name", ({ expect }) => {
    const open: string[] = [];
    const walk = (node: unknown, place: string): void => {
      if (typeof node !== "object" || node === null) return;
      if ("properties" in node && !("additionalProperties" in node)) open.push(place);
      for (const [name, member] of Object.entries(node)) walk(member, `${place}/${name}`);
    };
    walk(schema, "");
    expect(open).toEqual([]);
  });

  test("takes a line as any validator reads it, by the event that it is of", ({ expect }) => {
    const validator = new Validator(Object(schema), "2020-12", false);
    expect(validator.validate(MAINTENANCE).valid).toBe(true);
    expect(validator.validate({ ...MAINTENANCE, event: "other" }).valid).toBe(false);
    expect(validator.validate({ ...MAINTENANCE, email: "a@b.example" }).valid).toBe(false);
  });
});

describe("the check of log lines", () => {
  test("passes what the logger writes: causes, cut lines and those without a time", ({ expect }) => {
    const lines: object[] = [];
    let now = 1_800_000_000_000;
    const write = (_: string, text: string): void => void lines.push(Object(JSON.parse(text)));
    const logger = createLogger({ level: "debug", base: BASE, now: () => now, write });
    const error = new TypeError("elsewhere", { cause: new RangeError("deeper", { cause: "a text" }) });
    logger.log("error", "rate_limiter_failed", { error: describeError(error) });
    now = 0;
    logger.log("error", "invalid_configuration", { error: describeError(new Error("x".repeat(20_000))) });
    logger.log("error", "jwks_failed", {
      failure: "x".repeat(10_000),
      error: { name: "A", stack: ["x".repeat(9_000)] },
    });
    expect(lines).toHaveLength(3);
    expect(lines[2]).toHaveProperty("truncated", true);
    expect(lines.flatMap(findLogFaults)).toEqual([]);
  });

  test.for<[string, object, string]>([
    ["an undocumented field", { ...MAINTENANCE, planted: 1 }, "maintenance/planted is not documented"],
    ["an undocumented event", { ...MAINTENANCE, event: "planted" }, "event planted is not documented"],
    ["a field that is missing", line("info", "maintenance", {}), "removed_idempotency_keys"],
    ["a field of another type", { ...MAINTENANCE, removed_idempotency_keys: "3" }, "removed_idempotency_keys"],
    ["a level that the event does not have", { ...MAINTENANCE, level: "error" }, "maintenance/level"],
    ["no version", { level: "info", event: "maintenance", removed_idempotency_keys: 3 }, "version_id"],
    [
      "an undocumented field of an error",
      line("error", "rate_limiter_failed", { error: { name: "Error", query: "select" } }),
      "rate_limiter_failed/error/query is not documented",
    ],
    [
      "one of its cause",
      line("error", "rate_limiter_failed", { error: { name: "Error", cause: { name: "Error", query: "select" } } }),
      "rate_limiter_failed/error/cause/query is not documented",
    ],
  ])("finds %s", ([, planted, fault], { expect }) => {
    expect(findLogFaults(planted).join("\n")).toContain(fault);
    expect(() => checkLogEvents([MAINTENANCE, planted])).toThrow("docs/log-events.schema.json");
    const text = `Ready.\napi | ${JSON.stringify(MAINTENANCE)}\n{"no":"event"}\n`;
    expect(() => checkLogText(text)).not.toThrow();
    expect(() => checkLogText(`${text}api | ${JSON.stringify(planted)}\n`)).toThrow("docs/log-events.schema.json");
  });
});
