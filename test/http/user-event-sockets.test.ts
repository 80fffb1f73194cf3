import { describe, test } from "vitest";

import { createStaticFlagSource } from "../../src/flags/flag-source.ts";
import type { EventSockets, SocketAnswer, SocketRequest } from "../../src/http/user-events/event-sockets.ts";
import { AppError } from "../../src/models/errors.ts";
import { toEventSockets } from "../../src/platform-adapters.ts";
import { startDeadline } from "../../src/resilience/deadline.ts";
import { buildEvent, createFakeUserEvents } from "../support/fake-user-events.ts";
import { readProblem } from "../support/http-messages.ts";
import { createTestApp, type TestAppOptions } from "../support/test-app.ts";

const EVENTS = "/api/v1/users/events";
const UPGRADE = { Upgrade: "websocket" };
const ALL = Array.from({ length: 3 }, () => buildEvent());

/** Answers with a socket, unless it is told what to answer. */
function createFakeSockets(answer?: SocketAnswer | null) {
  const requests: SocketRequest[] = [];
  const sockets: EventSockets = {
    async open(request) {
      requests.push(request);
      if (answer !== undefined) return answer;
      const { 0: client, 1: server } = new WebSocketPair();
      server.accept();
      server.send("welcome");
      return new Response(null, { status: 101, webSocket: client });
    },
  };
  return { requests, sockets };
}

function open({ answer, ...options }: TestAppOptions & { answer?: SocketAnswer | null } = {}) {
  const { requests, sockets } = createFakeSockets(answer);
  const userEvents = createFakeUserEvents(ALL);
  const app = createTestApp({ userEvents, eventSockets: sockets, ...options });
  const upgrade = (query = "", headers: Record<string, string> = {}, method = "GET") =>
    app.request(`${EVENTS}?${query}`, { method, headers: { ...UPGRADE, ...headers } });
  return { ...app, requests, userEvents, upgrade };
}

const OFF = createStaticFlagSource(new Map([["users-events-stream", "off"]]));

describe("GET /api/v1/users/events with an upgrade to a WebSocket", () => {
  test("given somebody who serves sockets, then his is handed on, with the headers of every answer", async ({
    expect,
  }) => {
    const { upgrade, requests, events } = open();
    const response = await upgrade("from=now&type=user.created", { "X-Request-ID": "request-1" });
    expect(response.status).toBe(101);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "x-request-id": "request-1",
      "x-version-id": "test-version",
      "cache-control": "no-store",
    });
    expect(response.headers.get("Content-Type")).toBeNull();
    const { webSocket } = response;
    const message = new Promise((resolve) => webSocket?.addEventListener("message", ({ data }) => resolve(data)));
    webSocket?.accept();
    expect(await message).toBe("welcome");
    expect(requests).toEqual([
      { caller: "anonymous", request_id: "request-1", cursor: expect.any(String), type: "user.created", user_id: "" },
    ]);
    expect(events.find(({ event }) => event === "request")?.fields).toMatchObject({ status: 101, problem: null });
  });

  test("given a cursor, or none, then he is told a cursor that is as good for pages", async ({ expect }) => {
    const { upgrade, requests, request } = open();
    const { next_cursor: cursor } = await (await request(`${EVENTS}?limit=1`)).json<{ next_cursor: string }>();
    for (const query of [`cursor=${cursor}`, "from=oldest", "", "from=now"]) await upgrade(query);
    const lengths = requests.map(async (asked) => {
      const page = await request(`${EVENTS}?cursor=${asked.cursor}`);
      return (await page.json<{ data: unknown[] }>()).data.length;
    });
    expect(requests[0]?.cursor).toBe(cursor);
    expect(await Promise.all(lengths)).toEqual([2, 3, 3, 0]);
  });

  test("given the oldest event, then its cursor stays good, whatever is removed", async ({ expect }) => {
    const { upgrade, requests, request, userEvents } = open();
    await upgrade("from=oldest");
    userEvents.sweep(2);
    const page = await request(`${EVENTS}?cursor=${requests[0]?.cursor}`);
    expect((await page.json<{ data: unknown[] }>()).data).toHaveLength(1);
  });
});

describe("An upgrade is refused before it is made", () => {
  test.for([
    ["without credentials", { apiKey: "key" }, {}, "", 401, "missing-credentials"],
    ["with a wrong key", { apiKey: "key" }, { "X-API-Key": "wrong" }, "", 403, "invalid-api-key"],
    ["with a query that is wrong", {}, {}, "from=yesterday", 400, "validation-failed"],
    ["with a cursor that is none", {}, {}, "cursor=none", 400, "invalid-cursor"],
    ["over the rate limit", { callerLimiter: { allow: async () => false } }, {}, "", 429, "quota-exceeded"],
    ["with the flag off", { flagSource: OFF }, {}, "", 406, "not-acceptable"],
    ["without anybody who serves sockets", { eventSockets: null }, {}, "", 406, "not-acceptable"],
    ["by a page of another origin", {}, { Origin: "https://evil.example" }, "", 406, "not-acceptable"],
    ["by a caller with too many", { answer: { status: 429 } }, {}, "", 429, "quota-exceeded"],
    ["by whoever is full", { answer: { status: 503 } }, {}, "", 503, "overloaded"],
    ["by whoever answers otherwise", { answer: { status: 200 } }, {}, "", 503, "overloaded"],
    ["when nobody can be reached", { answer: null }, {}, "", 503, "overloaded"],
  ] as const)("%s", async ([, options, headers, query, status, code], { expect }) => {
    const { upgrade, requests } = open(options);
    const response = await upgrade(query, headers);
    expect(await readProblem(response)).toMatchObject({ status, code });
    expect(response.webSocket ?? null).toBeNull();
    expect(requests).toHaveLength("answer" in options ? 1 : 0);
  });

  test("with a cursor that has expired, or a database that is away", async ({ expect }) => {
    const { upgrade, request, requests, userEvents } = open();
    const { next_cursor: cursor } = await (await request(`${EVENTS}?limit=1`)).json<{ next_cursor: string }>();
    userEvents.sweep(2);
    expect(await readProblem(await upgrade(`cursor=${cursor}`))).toMatchObject({ status: 410, code: "cursor-expired" });
    userEvents.failNext(new AppError("database-unavailable"));
    expect(await readProblem(await upgrade())).toMatchObject({ status: 503, code: "database-unavailable" });
    expect(requests).toEqual([]);
  });

  test("but a page of our own origin, of one that CORS names, or with a key may open one", async ({ expect }) => {
    const own = open();
    expect((await own.upgrade("", { Origin: "https://users.test" })).status).toBe(101);
    const named = open({ corsOrigins: ["https://app.example"] });
    expect((await named.upgrade("", { Origin: "https://app.example" })).status).toBe(101);
    expect((await named.upgrade("", { Origin: "https://evil.example" })).status).toBe(406);
    const keyed = open({ apiKey: "key" });
    expect((await keyed.upgrade("", { Origin: "https://any.example", "X-API-Key": "key" })).status).toBe(101);
  });
});

test("HEAD, and an upgrade to something else, get what they get without", async ({ expect }) => {
  const { upgrade, requests } = open();
  expect((await upgrade("", {}, "HEAD")).status).toBe(200);
  expect((await upgrade("", { Upgrade: "h2c" })).status).toBe(200);
  expect(requests).toEqual([]);
});

describe("The binding to the events Worker", () => {
  const REQUEST: SocketRequest = { caller: "a&b", request_id: "r", cursor: "c", type: "", user_id: "" };
  const NOBODY = { log: () => {} };

  test("is asked with all that it has to know", async ({ expect }) => {
    const asked: Request[] = [];
    const fetch = async (url: string, init: RequestInit) => {
      asked.push(new Request(url, init));
      return new Response(null, { status: 503 });
    };
    const answer = await toEventSockets({ fetch } as unknown as Fetcher, NOBODY)?.open(REQUEST, startDeadline(1_000));
    expect(answer?.status).toBe(503);
    expect(Object.fromEntries(new URL(asked[0]?.url ?? "").searchParams)).toEqual(REQUEST);
    expect(asked[0]?.headers.get("Upgrade")).toBe("websocket");
  });

  test("that fails, or never answers, is out of reach, and the log says so", async ({ expect }) => {
    const fail = () => Promise.reject(new TypeError("no such handler"));
    for (const fetch of [fail, () => new Promise<Response>(() => {})]) {
      const logged: unknown[] = [];
      const log = (...line: unknown[]) => void logged.push(line);
      const sockets = toEventSockets({ fetch } as unknown as Fetcher, { log });
      expect(await sockets?.open(REQUEST, startDeadline(50))).toBeNull();
      expect(logged).toEqual([["warn", "event_socket_failed", expect.objectContaining({ request_id: "r" })]]);
    }
  });

  test("that is not there makes no sockets", ({ expect }) => {
    expect(toEventSockets(undefined, NOBODY)).toBeNull();
  });
});
