import { DrizzleQueryError } from "drizzle-orm";
import { describe, test, vi } from "vitest";

import { DatabaseError } from "../../src/db/errors.ts";
import { AppError } from "../../src/models/errors.ts";
import { MAX_LINE_LENGTH } from "../../src/observability/log-line.ts";
import {
  createLogger,
  describeError,
  LOG_LEVELS,
  type LogFields,
  type LogLevel,
} from "../../src/observability/logger.ts";

const NOW = Date.parse("2026-03-02T08:30:00.456Z");

/** Line ends of all kinds, a terminal's escape sequences in 7 and 8 bits, bidi and invisible characters, half a character. */
const HOSTILE =
  'curl\r\n{"level":"error","event":"forged"}\u0000\u001b[2J\u007f\u0085\u009b2J\u00a0\u061c\u200b\u200e\u2028\u2029\u202e\u2066\ufeff\ufffe\ud800\u{e0041}';

/** A logger whose lines are kept. */
function given({ level = "debug", base = {} }: { level?: LogLevel; base?: LogFields } = {}) {
  const written: { readonly level: LogLevel; readonly line: string }[] = [];
  const write = (eventLevel: LogLevel, line: string) => void written.push({ level: eventLevel, line });
  return { logger: createLogger({ level, base, now: () => NOW, write }), written };
}

describe("the logger", () => {
  test.for<[LogLevel, readonly LogLevel[]]>([
    ["debug", ["debug", "info", "warn", "error"]],
    ["info", ["info", "warn", "error"]],
    ["warn", ["warn", "error"]],
    ["error", ["error"]],
  ])("at level %s writes the levels %j", ([level, expected], { expect }) => {
    const { logger, written } = given({ level });
    for (const eventLevel of LOG_LEVELS) logger.log(eventLevel, "event");
    expect(written.map((entry) => entry.level)).toEqual(expected);
  });

  test("writes one event as JSON with its time, level, name, the base fields and its own", ({ expect }) => {
    const { logger, written } = given({ base: { version_id: "v1", version_tag: null } });
    logger.log("warn", "request", { status: 404, route: "/api/v1/users", caller: null });
    expect(written.map(({ line }): unknown => JSON.parse(line))).toEqual([
      {
        timestamp: "2026-03-02T08:30:00.456Z",
        level: "warn",
        event: "request",
        version_id: "v1",
        version_tag: null,
        status: 404,
        route: "/api/v1/users",
        caller: null,
      },
    ]);
  });

  test("writes one line of visible ASCII, whatever a field holds: nobody can forge a second event", ({ expect }) => {
    const { logger, written } = given({ base: { version_tag: HOSTILE } });
    logger.log("info", "request", { user_agent: HOSTILE, [HOSTILE]: [HOSTILE, { nested: HOSTILE }] });
    expect(written).toHaveLength(1);
    const line = written[0]?.line ?? "";
    expect(line).toMatch(/^[\x20-\x7e]+$/);
    expect(JSON.parse(line)).toMatchObject({ event: "request", user_agent: HOSTILE, [HOSTILE]: [HOSTILE, {}] });
  });

  test("leaves a line of the longest length as it is, and cuts the fields of a longer one", ({ expect }) => {
    const { logger, written } = given();
    logger.log("info", "request", { route: "/users", text: "" });
    const room = MAX_LINE_LENGTH - (written[0]?.line.length ?? 0);
    for (const text of ["x".repeat(room), "x".repeat(room + 1)])
      logger.log("info", "request", { route: "/users", text });
    const [, longest, cut] = written.map(({ line }): Record<string, unknown> => JSON.parse(line));
    expect(longest).toMatchObject({ route: "/users", text: "x".repeat(room) });
    expect(longest).not.toHaveProperty("truncated");
    expect(cut).toMatchObject({ event: "request", route: "/users", text: "x".repeat(200), truncated: true });
  });

  test.for<[string, LogFields]>([
    ["a long text", { text: "x".repeat(1_000_000) }],
    ["a long text of which each character is escaped", { text: "\u202e".repeat(MAX_LINE_LENGTH / 6) }],
    ["a long list", { list: Array.from({ length: 100_000 }, (_, place) => place) }],
    ["many fields", Object.fromEntries(Array.from({ length: 10_000 }, (_, place) => [`field_${place}`, place]))],
    ["a long name", { ["x".repeat(100_000)]: 1 }],
  ])("bounds the line of an event with %s, and says that it was cut", ([, fields], { expect }) => {
    const { logger, written } = given();
    logger.log("info", "request", fields);
    expect(written[0]?.line.length).toBeLessThanOrEqual(MAX_LINE_LENGTH);
    expect(JSON.parse(written[0]?.line ?? "")).toMatchObject({ level: "info", event: "request", truncated: true });
  });

  test("writes no time rather than a wrong one, while the clock of a starting isolate stands at 0", ({ expect }) => {
    const lines: string[] = [];
    const times = [0, NOW];
    const now = () => times.shift() ?? 0;
    const logger = createLogger({
      level: "info",
      base: { version_id: "v1" },
      now,
      write: (_, line) => void lines.push(line),
    });
    logger.log("error", "invalid_configuration");
    logger.log("info", "request");
    expect(lines.map((line): unknown => JSON.parse(line))).toEqual([
      { level: "error", event: "invalid_configuration", version_id: "v1" },
      { timestamp: "2026-03-02T08:30:00.456Z", level: "info", event: "request", version_id: "v1" },
    ]);
  });

  test("takes the time of each event anew", ({ expect }) => {
    const lines: string[] = [];
    let time = 0;
    const now = () => (time += 1_000);
    const logger = createLogger({ level: "info", base: {}, now, write: (_, line) => void lines.push(line) });
    logger.log("info", "first");
    logger.log("info", "second");
    expect(lines.map((line) => JSON.parse(line).timestamp)).toEqual([
      "1970-01-01T00:00:01.000Z",
      "1970-01-01T00:00:02.000Z",
    ]);
  });

  test.for(LOG_LEVELS)("hands level %s to the console method of that name by default", (level, { expect }) => {
    const spy = vi.spyOn(console, level).mockImplementation(() => {});
    createLogger({ level: "debug", base: {} }).log(level, "event");
    expect(spy.mock.calls.map(([line]): unknown => JSON.parse(String(line)))).toMatchObject([
      { level, event: "event" },
    ]);
    spy.mockRestore();
  });
});

describe("a described error", () => {
  test("has its name and the frames of its stack", ({ expect }) => {
    const described = describeError(new TypeError("x is not a function"));
    expect(described["name"]).toBe("TypeError");
    expect(described["stack"]).toEqual(expect.arrayContaining([expect.stringContaining("logger.test.ts")]));
  });

  test("from elsewhere has no message, which may quote what a user sent, also not in its stack", ({ expect }) => {
    for (const error of [
      new Error("ada@example.com"),
      new SyntaxError("ada@example.com"),
      new Error("a\nat ada@example.com"),
    ]) {
      const described = describeError(error);
      expect(described["stack"]).toEqual(expect.arrayContaining([expect.stringContaining("logger.test.ts")]));
      expect(described).not.toHaveProperty("message");
      expect(JSON.stringify(described)).not.toContain("ada@");
    }
  });

  test.for([HOSTILE, "E".repeat(10_000), "ada@example.com", ""])(
    "has no name that is a text: %j",
    (name, { expect }) => {
      expect(describeError(Object.assign(new Error("x"), { name }))).toMatchObject({ name: "Error" });
    },
  );

  test("of our own kind has no stack, for its code says it all", ({ expect }) => {
    expect(describeError(new AppError("user-not-found"))).toEqual({ name: "AppError", message: "user-not-found" });
    const cause = new DatabaseError("SQLSTATE 40001", { sqlState: "40001" });
    expect(describeError(new AppError("database-unavailable", { cause }))).toEqual({
      name: "AppError",
      message: "database-unavailable",
      cause: { name: "DatabaseError", message: "SQLSTATE 40001", sql_state: "40001" },
    });
    const named = new DatabaseError("SQLSTATE 23505", { sqlState: "23505", constraint: "users_email_key" });
    expect(describeError(named)).toMatchObject({ sql_state: "23505", constraint: "users_email_key" });
  });

  test("does not list the issues of a validation: their place is the response", ({ expect }) => {
    const issues = [{ field: "email", code: "invalid_format", detail: "ada@example.com" }] as const;
    expect(JSON.stringify(describeError(new AppError("validation-failed", { issues })))).not.toContain("ada@");
  });

  test("of drizzle leaves out the statement's parameters, which its message and stack hold", ({ expect }) => {
    const error = new DrizzleQueryError("insert into users values ($1)", ["ada@example.com"], new Error("refused"));
    for (const thrown of [error, new Error("outer", { cause: error })]) {
      const described = JSON.stringify(describeError(thrown));
      expect(described).toContain("logger.test.ts");
      expect(described).not.toContain("ada@example.com");
    }
  });

  test("has its causes, down to the third", ({ expect }) => {
    const chain = ["E5", "E4", "E3", "E2", "E1"].reduce<Error | undefined>(
      (cause, name) => Object.assign(new Error("", cause === undefined ? {} : { cause }), { name }),
      undefined,
    );
    const described = describeError(chain);
    expect(described).toMatchObject({
      name: "E1",
      cause: { name: "E2", cause: { name: "E3", cause: { name: "E4" } } },
    });
    expect(JSON.stringify(described)).not.toContain("E5");
  });

  test("that causes itself comes to an end", ({ expect }) => {
    const error = new RangeError("loop");
    error.cause = error;
    expect(JSON.stringify(describeError(error)).match(/"name":"RangeError"/g)).toHaveLength(4);
  });

  test.for([
    ["a text", "ada@example.com"],
    ["an object", { email: "ada@example.com" }],
    ["nothing", undefined],
  ] as const)("that is %s instead of an error tells its type only", ([, thrown], { expect }) => {
    expect(describeError(thrown)).toEqual({ name: typeof thrown });
    const caused = describeError(new AppError("internal-error", { cause: thrown }));
    expect(JSON.stringify(caused)).not.toContain("ada@example.com");
  });
});
