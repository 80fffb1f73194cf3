import { describe, test } from "vitest";

import type { UserEventPageBody } from "../../src/http/user-events/schemas.ts";
import { AppError } from "../../src/models/errors.ts";
import { buildEvent, createFakeUserEvents } from "../support/fake-user-events.ts";
import { readProblem } from "../support/http-messages.ts";
import { createTestApp } from "../support/test-app.ts";

const EVENTS = "/api/v1/users/events";
const ALL = Array.from({ length: 5 }, () => buildEvent());

function open(initial = ALL) {
  const userEvents = createFakeUserEvents(initial);
  const app = createTestApp({ userEvents });
  const read = async (query = "") => {
    const response = await app.request(`${EVENTS}?${query}`);
    return { response, page: await response.json<UserEventPageBody>() };
  };
  return { ...app, userEvents, read };
}

const idsOf = ({ data }: UserEventPageBody) => data.map(({ id }) => id);
const WHOLE = ALL.map(({ eventId }) => eventId);

describe("GET /api/v1/users/events", () => {
  test("given events, when read, then each is told whole, and a cursor leads on", async ({ expect }) => {
    const deleted = buildEvent({ type: "user.deleted", userVersion: 3, payload: null });
    const { page, response } = await open([...ALL, deleted]).read("limit=100");
    expect(idsOf(page)).toEqual([...WHOLE, deleted.eventId]);
    expect(page.data[0]).toEqual({
      id: ALL[0]?.eventId,
      type: "user.created",
      occurred_at: "2026-03-01T12:00:00.123Z",
      user_id: ALL[0]?.userId,
      user_version: 1,
      user: ALL[0]?.payload,
    });
    expect(page.data.at(-1)).toMatchObject({ type: "user.deleted", user_version: 3, user: null });
    expect(response.headers.get("Cache-Control")).toBe("private, no-cache");
  });

  test("given a walk, when the end is reached, then one can go on asking for what happens later", async ({
    expect,
  }) => {
    const { read, userEvents } = open();
    const seen: string[] = [];
    let query = "limit=2";
    for (let round = 0; round < 4; round++) {
      const { page, response } = await read(query);
      seen.push(...idsOf(page));
      const isFull = page.data.length === 2;
      expect(response.headers.get("Link")).toBe(
        isFull ? `<${EVENTS}?limit=2&cursor=${page.next_cursor}>; rel="next"` : null,
      );
      query = `limit=2&cursor=${page.next_cursor}`;
    }
    expect(seen).toEqual(WHOLE);
    const later = buildEvent();
    userEvents.add(later);
    expect(idsOf((await read(query)).page)).toEqual([later.eventId]);
  });

  test("given from=now, when something happens, then only that is read", async ({ expect }) => {
    const { read, userEvents } = open();
    const { page } = await read("from=now");
    expect(page.data).toEqual([]);
    const later = buildEvent();
    userEvents.add(later);
    expect(idsOf((await read(`cursor=${page.next_cursor}`)).page)).toEqual([later.eventId]);
    expect(idsOf((await read("from=oldest&limit=1")).page)).toEqual([WHOLE[0]]);
  });

  test("given a filter, when read, then only what fits is told, and its cursors are its own", async ({ expect }) => {
    const { read, request } = open([...ALL, buildEvent({ type: "user.deleted", payload: null })]);
    const user = ALL[1]?.userId ?? "";
    const ofUser = await read(`user_id=${user.toUpperCase()}`);
    expect(idsOf(ofUser.page)).toEqual([WHOLE[1]]);
    const ofType = await read("type=user.deleted");
    expect(ofType.page.data.map(({ type }) => type)).toEqual(["user.deleted"]);
    const cursor = ofType.page.next_cursor;
    expect((await request(`${EVENTS}?type=user.deleted&cursor=${cursor}`)).status).toBe(200);
    for (const query of ["", "type=user.created", `type=user.deleted&user_id=${user}`]) {
      const problem = await readProblem(await request(`${EVENTS}?${query}&cursor=${cursor}`));
      expect(problem, query).toMatchObject({ code: "invalid-cursor", status: 400 });
    }
  });

  test("given events that have been removed, when a cursor stands before them, then it is 410", async ({ expect }) => {
    const { read, request, userEvents } = open();
    const { page } = await read("limit=1");
    userEvents.sweep(3);
    const problem = await readProblem(await request(`${EVENTS}?cursor=${page.next_cursor}`));
    expect(problem).toMatchObject({ code: "cursor-expired", status: 410 });
    expect(idsOf((await read()).page)).toEqual(WHOLE.slice(3));
  });

  test.for([
    ["limit=0", "limit"],
    ["limit=101", "limit"],
    ["from=yesterday", "from"],
    ["type=user.renamed", "type"],
    ["user_id=7", "user_id"],
    ["since=2026", "since"],
    ["type=user.created&type=user.deleted", "type"],
    ["from=now&cursor=abc", "from"],
  ] as const)("given ?%s, then the parameter is named and nothing is read", async ([query, parameter], { expect }) => {
    const { request, userEvents } = open();
    const problem = await readProblem(await request(`${EVENTS}?${query}`));
    expect(problem).toMatchObject({ code: "validation-failed", errors: [{ parameter }] });
    expect(userEvents.queries).toEqual([]);
  });

  test.for(["abc", "AAAA", "%20"])(
    "given the cursor %j, which nobody gave out, then it is 400",
    async (cursor, { expect }) => {
      const { request, userEvents } = open();
      expect(await readProblem(await request(`${EVENTS}?cursor=${cursor}`))).toMatchObject({ code: "invalid-cursor" });
      expect(userEvents.queries).toEqual([]);
    },
  );

  test("given a database that is down, then it is 503", async ({ expect }) => {
    const { request, userEvents } = open();
    userEvents.failNext(new AppError("database-unavailable"));
    expect(await readProblem(await request(EVENTS))).toMatchObject({ code: "database-unavailable", status: 503 });
  });
});
