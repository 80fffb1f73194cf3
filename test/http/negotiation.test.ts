import { describe, test } from "vitest";

import { ABSENT_ID, PUBLIC_PATHS, USER_OPERATIONS } from "../support/http-contract.ts";
import { createRecordedApp, SERVED_ASSETS } from "../support/http-fakes.ts";
import { newUserData, readProblem, send, USERS } from "../support/http-messages.ts";
import { createTestApp } from "../support/test-app.ts";

describe("the Accept header", () => {
  test.for([
    "",
    "*/*",
    "application/json",
    "APPLICATION/JSON",
    "application/*",
    "application/json; charset=utf-8",
    "application/json;q=0.001",
    "text/html, application/json;q=0.1",
    "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "text/html;q=1, */*;q=0.1",
    "text/*;q=0, */*",
    "application/*;q=0, application/json",
    " application/json , text/plain ",
  ])("%j accepts JSON", async (accept, { expect }) => {
    const response = await createTestApp().request(USERS, { headers: { Accept: accept } });
    expect(response.status).toBe(200);
    expect(response.headers.get("Content-Type")).toBe("application/json");
  });

  test.for([
    "text/html",
    "text/*",
    "image/png, text/html;q=0.9",
    "application/xml",
    "application/jsonp",
    "application/vnd.api+json",
    "application/json;q=0",
    "application/json;q=0.000",
    "application/json;q=0, */*",
    "*/*, application/json;q=0",
    "*/*;q=0",
    "application/*;q=0, */*",
    "application/*;q=0, */*;q=0.5",
    "application/json;q=0, application/*",
  ])("%j excludes JSON: 406", async (accept, { expect }) => {
    const { request, users } = createRecordedApp();
    const problem = await readProblem(await request(USERS, { headers: { Accept: accept } }));
    expect(problem).toMatchObject({ code: "not-acceptable", status: 406 });
    expect(users.calls).toEqual([]);
  });

  test.for(USER_OPERATIONS)("is obeyed by the operation $name", async ({ method, path }, { expect }) => {
    const { request, users } = createRecordedApp();
    const body = method === "POST" || method === "PATCH" ? send(method, newUserData()) : { method };
    const response = await request(path, {
      ...body,
      headers: { "Content-Type": "application/json", Accept: "text/html" },
    });
    expect(await readProblem(response)).toMatchObject({ code: "not-acceptable", status: 406 });
    expect(users.calls).toEqual([]);
  });

  test.for(PUBLIC_PATHS)("never closes $path", async ({ path }, { expect }) => {
    const response = await createTestApp({ assets: SERVED_ASSETS }).request(path, { headers: { Accept: "image/png" } });
    expect(response.status).toBe(200);
  });
});

describe("the Content-Type header", () => {
  const PATCH_PATH = `${USERS}/id/${ABSENT_ID}`;

  test.for([
    "application/json",
    "Application/JSON",
    "application/json; charset=utf-8",
    "application/json;charset=UTF-8",
    'application/json; charset="utf-8"',
    "application/json ; charset=utf-8",
    "application/json; charset=utf8",
    "application/json; profile=x",
    "application/json;",
  ])("%j is JSON to POST and PATCH, and the body is read", async (type, { expect }) => {
    const { request } = createTestApp();
    const created = await request(USERS, send("POST", newUserData(), { "Content-Type": type }));
    expect(created.status).toBe(201);
    const place = created.headers.get("Location") ?? "";
    const changed = await request(place, send("PATCH", { full_name: "Changed" }, { "Content-Type": type }));
    expect(await changed.json()).toMatchObject({ full_name: "Changed" });
  });

  test.for([
    "application/merge-patch+json",
    "Application/Merge-Patch+JSON",
    "application/merge-patch+json; charset=utf-8",
  ])("%j is read by PATCH and refused by POST", async (type, { expect }) => {
    const { request } = createTestApp();
    const created = await request(USERS, send("POST", newUserData()));
    const place = created.headers.get("Location") ?? "";
    const changed = await request(place, send("PATCH", { full_name: "Changed" }, { "Content-Type": type }));
    expect(await changed.json()).toMatchObject({ full_name: "Changed" });
    const refused = await request(USERS, send("POST", newUserData(), { "Content-Type": type }));
    expect(await readProblem(refused)).toMatchObject({ code: "unsupported-media-type", status: 415 });
  });

  const UNSUPPORTED = [
    "",
    "text/plain",
    "text/json",
    "application/xml",
    "application/jsonp",
    "application/vnd.api+json",
    "application/json-patch+json",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/octet-stream",
    "application/json; charset=utf-16",
    "application/json; charset=iso-8859-1",
    "application/json; charset=",
    "application/json, text/plain",
    "json",
    ";",
  ];

  test.for(UNSUPPORTED)("%j is 415 on POST", async (type, { expect }) => {
    const { request, users } = createRecordedApp();
    const response = await request(USERS, send("POST", newUserData(), { "Content-Type": type }));
    expect(await readProblem(response)).toMatchObject({ code: "unsupported-media-type", status: 415 });
    expect(response.headers.get("Accept-Patch")).toBeNull();
    expect(users.calls).toEqual([]);
  });

  test.for(UNSUPPORTED)("%j is 415 on PATCH, which says what it reads", async (type, { expect }) => {
    const { request, users } = createRecordedApp();
    const response = await request(PATCH_PATH, send("PATCH", {}, { "Content-Type": type }));
    expect(await readProblem(response)).toMatchObject({ code: "unsupported-media-type", status: 415 });
    expect(response.headers.get("Accept-Patch")).toBe("application/merge-patch+json, application/json");
    expect(users.calls).toEqual([]);
  });

  test.for([
    "application/json; x",
    "application/json; =x",
    "application/json;;charset=utf-8",
    "application/json; x=;",
    'application/json; x="a;b"',
    'application/json; charset="utf-8',
    "application/json\t;\tcharset=utf-8",
  ])("%j is read or refused, but no reason to fail", async (type, { expect }) => {
    const response = await createTestApp().request(USERS, send("POST", newUserData(), { "Content-Type": type }));
    expect([201, 400, 415]).toContain(response.status);
  });

  test.for([
    ["POST", USERS],
    ["PATCH", PATCH_PATH],
  ])("that is missing is 415 on %s, with a body and without", async ([method = "", path = ""], { expect }) => {
    const { request, users } = createRecordedApp();
    const body = new TextEncoder().encode(JSON.stringify(newUserData()));
    for (const init of [{ method, body }, { method }]) {
      expect(await readProblem(await request(path, init))).toMatchObject({
        code: "unsupported-media-type",
        status: 415,
      });
    }
    expect(users.calls).toEqual([]);
  });
});
