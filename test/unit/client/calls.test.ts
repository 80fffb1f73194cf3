import { describe, test } from "vitest";

import { createUsersClient, type UserPatch } from "../../../client/src/index.ts";
import { fakeService, problemAnswer, refuseConnection, type Reply, USER, userAnswer } from "./fake-service.ts";

const stale: Reply = () => problemAnswer(412, "precondition-failed");

describe("The base URL", () => {
  test.for(["https://users.test", "https://users.test/", "https://users.test//", new URL("https://users.test")])(
    "is taken with and without its last slash: %s",
    async (baseUrl, { expect }) => {
      const { client, sent } = fakeService([() => userAnswer()], { baseUrl });
      await client.getUser(USER.id);
      expect(sent[0]?.path).toBe(`/api/v1/users/id/${USER.id}`);
    },
  );

  test("may have a path", async ({ expect }) => {
    const { client, sent } = fakeService([() => userAnswer()], { baseUrl: "https://users.test/people/" });
    await client.getUserByUsername("jdoe");
    expect(sent[0]?.path).toBe("/people/api/v1/users/username/jdoe");
  });

  test("is absolute", ({ expect }) => {
    expect(() => createUsersClient({ baseUrl: "/api" })).toThrow(TypeError);
  });
});

describe("A name in the path", () => {
  test("is encoded", async ({ expect }) => {
    const { client, sent } = fakeService([() => userAnswer()]);
    await client.getUserByUsername("a/b?c#d");
    expect(sent[0]?.path).toBe("/api/v1/users/username/a%2Fb%3Fc%23d");
  });

  test.for(["", ".", ".."])("cannot be %j, which would lead elsewhere", async (name, { expect }) => {
    const { client, sent } = fakeService([() => userAnswer()]);
    for (const call of [client.getUser, client.getUserByUsername, client.deleteUser]) {
      await expect(call(name)).rejects.toThrow(TypeError);
    }
    expect(sent).toHaveLength(0);
  });
});

describe("A walk", () => {
  const pages = (count: number): Reply[] =>
    Array.from({ length: count }, (_, page) => () => {
      const data = [0, 1].map((index) => ({ ...USER, username: `user${page * 2 + index}` }));
      return Response.json({ data, next_cursor: page === count - 1 ? null : `cursor${page + 1}` });
    });

  test("gives every user, with the same query on every page", async ({ expect }) => {
    const { client, sent } = fakeService(pages(3));
    const names: string[] = [];
    for await (const { username } of client.users({ sort: "username", limit: 2 })) names.push(username);
    expect(names).toEqual(["user0", "user1", "user2", "user3", "user4", "user5"]);
    expect(sent.map(({ path }) => path)).toEqual([
      "/api/v1/users?sort=username&limit=2",
      "/api/v1/users?sort=username&limit=2&cursor=cursor1",
      "/api/v1/users?sort=username&limit=2&cursor=cursor2",
    ]);
  });

  test("fetches nothing before its loop starts, and no page after the loop has ended", async ({ expect }) => {
    const { client, sent } = fakeService(pages(3));
    const users = client.users();
    expect(sent).toHaveLength(0);
    for await (const { username } of users) if (username === "user1") break;
    expect(sent).toHaveLength(1);
  });

  test("starts anew with each loop", async ({ expect }) => {
    const { client } = fakeService([...pages(1), ...pages(1)]);
    const users = client.users();
    for (let loop = 0; loop < 2; loop += 1) {
      const names: string[] = [];
      for await (const { username } of users) names.push(username);
      expect(names).toEqual(["user0", "user1"]);
    }
  });
});

describe("A modification", () => {
  test("reads again and decides again while others are faster", async ({ expect }) => {
    const read =
      (version: number): Reply =>
      () =>
        userAnswer({ ...USER, full_name: `V${version}` }, { etag: `"${version}"` });
    const { client, sent, waits } = fakeService([read(1), stale, read(2), stale, read(3), read(4)]);
    const seen: string[] = [];
    const result = await client.modifyUser(USER.id, async (user): Promise<UserPatch> => {
      seen.push(user.full_name);
      return { full_name: `${user.full_name} changed` };
    });
    expect(result).toMatchObject({ user: { full_name: "V4" }, etag: '"4"' });
    expect(seen).toEqual(["V1", "V2", "V3"]);
    expect(
      sent.filter(({ method }) => method === "PATCH").map(({ headers, body }) => [headers.get("If-Match"), body]),
    ).toEqual([
      ['"1"', { full_name: "V1 changed" }],
      ['"2"', { full_name: "V2 changed" }],
      ['"3"', { full_name: "V3 changed" }],
    ]);
    expect(waits).toEqual([200, 400]);
  });

  test("gives up after as many attempts as it may make", async ({ expect }) => {
    const { client, sent } = fakeService([(request) => (request.method === "GET" ? userAnswer() : stale(request))]);
    const change = (): UserPatch => ({ full_name: "Jack" });
    await expect(client.modifyUser(USER.id, change, { attempts: 3 })).rejects.toMatchObject({
      code: "precondition-failed",
    });
    expect(sent).toHaveLength(6);
  });

  test("ends with the error of its decision, and with any other problem", async ({ expect }) => {
    const { client, sent } = fakeService([
      () => userAnswer(),
      () => userAnswer(),
      () => problemAnswer(409, "email-taken"),
    ]);
    const refuse = (): UserPatch => {
      throw new Error("not allowed");
    };
    await expect(client.modifyUser(USER.id, refuse)).rejects.toThrow("not allowed");
    expect(sent).toHaveLength(1);
    await expect(client.modifyUser(USER.id, () => ({ email: "a@b.cd" }))).rejects.toMatchObject({
      code: "email-taken",
    });
    expect(sent).toHaveLength(3);
  });

  test("that was carried out without its answer arriving is not made twice", async ({ expect }) => {
    const changed = { ...USER, username: "jack", full_name: "Jacké" };
    const replies: Reply[] = [() => userAnswer(), refuseConnection, stale, () => userAnswer(changed, { etag: '"2"' })];
    const { client, sent } = fakeService(replies);
    let decisions = 0;
    const result = await client.modifyUser(USER.id, () => {
      decisions += 1;
      return { username: "JACK", full_name: " Jacke\u0301 " };
    });
    expect(result).toEqual({ user: changed, etag: '"2"' });
    expect(decisions).toBe(1);
    expect(sent.map(({ method }) => method)).toEqual(["GET", "PATCH", "PATCH", "GET"]);
  });
});

describe("A conditional change whose repetition finds another state", () => {
  test("is a conflict when that state is somebody else's", async ({ expect }) => {
    const { client } = fakeService([
      refuseConnection,
      stale,
      () => userAnswer({ ...USER, email: "other@example.com" }),
    ]);
    const update = client.updateUser(USER.id, { email: "new@example.com" }, { ifMatch: '"1"' });
    await expect(update).rejects.toMatchObject({ code: "precondition-failed", attempts: 2 });
  });

  test("is no conflict when the user to delete is gone", async ({ expect }) => {
    const gone: Reply = () => problemAnswer(404, "user-not-found");
    const { client, sent } = fakeService([refuseConnection, stale, gone]);
    await client.deleteUser(USER.id, { ifMatch: '"1"' });
    expect(sent.map(({ method }) => method)).toEqual(["DELETE", "DELETE", "GET"]);
  });

  test("is an open question when the user to delete cannot be read", async ({ expect }) => {
    const { client } = fakeService([refuseConnection, stale, () => problemAnswer(403, "insufficient-scope")]);
    await expect(client.deleteUser(USER.id, { ifMatch: '"1"' })).rejects.toMatchObject({ code: "insufficient-scope" });
  });

  test("is a conflict when the user to delete is there", async ({ expect }) => {
    const { client } = fakeService([refuseConnection, stale, () => userAnswer()]);
    await expect(client.deleteUser(USER.id, { ifMatch: '"1"' })).rejects.toMatchObject({ code: "precondition-failed" });
  });

  test("is a conflict without a question when it was sent only once", async ({ expect }) => {
    const { client, sent } = fakeService([stale]);
    await expect(client.deleteUser(USER.id, { ifMatch: '"1"' })).rejects.toMatchObject({ code: "precondition-failed" });
    await expect(client.updateUser(USER.id, {}, { ifMatch: '"1"' })).rejects.toMatchObject({
      code: "precondition-failed",
    });
    expect(sent).toHaveLength(2);
  });
});
