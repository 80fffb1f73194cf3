import { describe, test } from "vitest";

import { createTraces, toTraceEvent } from "../../../../../tools/cloudflare-emulator/data-plane/companion/traces.ts";
import { makeVersions } from "../../../../support/versions.ts";

const make = makeVersions();
const version = make.version("", { annotations: { "workers/tag": "3fded92", "workers/message": "better" } });
make.dispose();

const ITEM = {
  outcome: "exception",
  scriptName: null,
  eventTimestamp: 5,
  logs: [{ level: "log", message: ["hello", { a: 1 }], timestamp: 5 }],
  exceptions: [{ name: "Error", message: "boom", stack: "    at fetch (file:///index.js:6:74)", timestamp: 5 }],
  event: {
    request: {
      url: "http://api/",
      method: "GET",
      headers: { authorization: "Bearer x", "x-api-key": "k", accept: "*/*" },
    },
    response: { status: 500 },
  },
};

describe("Trace events", () => {
  test("tell script and version, and no secrets", ({ expect }) => {
    const event = toTraceEvent("api", version, ITEM);
    expect(event).toMatchObject({
      outcome: "exception",
      scriptName: "api",
      scriptVersion: { id: version.id, tag: "3fded92", message: "better" },
      logs: ITEM.logs,
      exceptions: [{ message: "boom", stack: "    at fetch (index.js:6:74)" }],
      event: { request: { url: "http://api/", method: "GET" }, response: { status: 500 } },
    });
    const headers = { authorization: "REDACTED", "x-api-key": "REDACTED", accept: "*/*" };
    expect(event).toHaveProperty("event.request.headers", headers);
  });

  test("of a cron trigger have no request", ({ expect }) => {
    const event = { cron: "* * * * *", scheduledTime: 7 };
    expect(toTraceEvent("api", version, { ...ITEM, event })).toHaveProperty("event", event);
    expect(toTraceEvent("api", version, { ...ITEM, event: null })).toHaveProperty("event", null);
  });

  test("reach those who listen, who are counted", ({ expect }) => {
    const changes: boolean[] = [];
    const traces = createTraces((scriptName) => void changes.push(traces.isListenedTo(scriptName)));
    const heard: unknown[] = [];
    const stopFirst = traces.subscribe("api", (event) => void heard.push(event["scriptName"]));
    const stopSecond = traces.subscribe("api", (event) => void heard.push(event["outcome"]));
    traces.emit("api", version, [ITEM]);
    traces.emit("other", version, [ITEM]);
    stopFirst();
    stopFirst();
    traces.emit("api", version, [ITEM]);
    stopSecond();
    traces.emit("api", version, [ITEM]);
    expect(heard).toEqual(["api", "exception", "exception"]);
    expect(changes).toEqual([true, false]);
  });
});
