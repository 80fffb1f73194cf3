import { describe, test } from "vitest";

import { frame, postFrame, postJson, readFrames, SERVICE, stringField } from "../support/rpc-messages.ts";
import { createTestApp } from "../support/test-app.ts";
import { bindApp, createTestRpc } from "../support/test-rpc.ts";

/* https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-WEB.md, unary and binary, in the runtime that serves it. */

const USER = { username: "GHopper", email: "grace@example.com", fullName: "Grace Hopper" };
const ABSENT = "01932f2e-9d5a-7c31-b3f4-2f6f3c9d8a10";
const GET_USER = `${SERVICE}/GetUser`;
const BY_USERNAME = `${SERVICE}/GetUserByUsername`;

const open = () => createTestRpc(bindApp(createTestApp()));

describe("gRPC-Web", () => {
  test.for(["application/grpc-web+proto", "application/grpc-web"])(
    "answers %s with a message and trailers",
    async (type, { expect }) => {
      const rpc = open();
      await rpc.request(`${SERVICE}/CreateUser`, postJson(USER));
      const response = await rpc.request(BY_USERNAME, postFrame(stringField(1, "ghopper"), {}, type));
      expect([response.status, response.headers.get("Content-Type")]).toEqual([200, "application/grpc-web+proto"]);
      const { messages, trailers } = await readFrames(response);
      expect(messages.map((message) => new TextDecoder().decode(message))).toEqual([
        expect.stringContaining("grace@example.com"),
      ]);
      expect(trailers.get("grpc-status")).toBe("0");
    },
  );

  test("reads and writes JSON as well", async ({ expect }) => {
    const rpc = open();
    await rpc.request(`${SERVICE}/CreateUser`, postJson(USER));
    const message = new TextEncoder().encode('{"username":"ghopper"}');
    const response = await rpc.request(BY_USERNAME, postFrame(message, {}, "application/grpc-web+json"));
    expect(response.headers.get("Content-Type")).toBe("application/grpc-web+json");
    const { messages } = await readFrames(response);
    expect(JSON.parse(new TextDecoder().decode(messages[0]))).toMatchObject({ user: { username: "ghopper" } });
  });

  test("tells errors in the trailers, with status 200, a message that is escaped, and details", async ({ expect }) => {
    const rpc = open();
    const response = await rpc.request(GET_USER, postFrame(stringField(1, ABSENT)));
    expect(response.status).toBe(200);
    const { messages, trailers } = await readFrames(response);
    expect(messages).toEqual([]);
    expect(trailers.get("grpc-status")).toBe("5");
    expect(decodeURIComponent(trailers.get("grpc-message") ?? "")).toBe("There is no such user.");
    expect(atob(trailers.get("grpc-status-details-bin") ?? "")).toContain("USER_NOT_FOUND");
    expect(rpc.events).toMatchObject([
      { level: "warn", status: 200, protocol: "grpc-web", code: "not_found", problem: "user-not-found" },
    ]);
  });

  test("is refused a compressed message, whether its coding is named or not", async ({ expect }) => {
    const named = await open().request(GET_USER, postFrame(stringField(1, ABSENT), { "grpc-encoding": "gzip" }));
    expect((await readFrames(named)).trailers.get("grpc-status")).toBe("12");
    const init = { ...postFrame(new Uint8Array()), body: frame(stringField(1, ABSENT), 1) };
    expect((await readFrames(await open().request(GET_USER, init))).trailers.get("grpc-status")).toBe("13");
  });

  test("is refused what is no unary call: no message, two messages, half a message", async ({ expect }) => {
    const message = frame(stringField(1, ABSENT));
    for (const body of [new Uint8Array(), new Uint8Array([...message, ...message]), message.subarray(0, 9)]) {
      const response = await open().request(GET_USER, { ...postFrame(new Uint8Array()), body });
      const { trailers } = await readFrames(response);
      expect(Number(trailers.get("grpc-status"))).toBeGreaterThan(0);
    }
  });

  test("is refused a message of more than 64 KiB", async ({ expect }) => {
    const response = await open().request(GET_USER, postFrame(new Uint8Array(64 * 1024 + 1)));
    expect((await readFrames(response)).trailers.get("grpc-status")).toBe("8");
  });

  test.for([
    ["20m", "4"],
    ["1n", "4"],
    ["10S", "5"],
    ["123456789S", "3"],
    ["1x", "3"],
  ])("takes grpc-timeout %s", async ([timeout = "", status], { expect }) => {
    const app = bindApp(createTestApp());
    const rpc = createTestRpc({
      async fetch(request) {
        if (timeout.endsWith("S")) return await app.fetch(request);
        return await new Promise((_, reject) =>
          request.signal.addEventListener("abort", () => reject(request.signal.reason)),
        );
      },
    });
    const response = await rpc.request(GET_USER, postFrame(stringField(1, ABSENT), { "grpc-timeout": timeout }));
    expect((await readFrames(response)).trailers.get("grpc-status")).toBe(status);
  });

  test("is not there by GET, nor as text", async ({ expect }) => {
    const type = "application/grpc-web-text+proto";
    expect((await open().request(GET_USER, postFrame(stringField(1, ABSENT), {}, type))).status).toBe(415);
  });
});
