import { Webhook } from "standardwebhooks";
import { describe, test } from "vitest";

import { createDnsResolver } from "../../../events/src/delivery/resolve-name.ts";
import { createSender, type SenderOptions } from "../../../events/src/delivery/send-event.ts";
import { signEvent } from "../../../events/src/delivery/sign.ts";

const OLD_SECRET = `whsec_${Buffer.alloc(32, 1).toString("base64")}`;
const NEW_SECRET = `whsec_${Buffer.alloc(32, 2).toString("base64")}`;

describe("the signature", () => {
  test("is what the standard's own example has", async ({ expect }) => {
    const headers = await signEvent({
      id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
      sentAt: new Date(1_614_265_330_000),
      secrets: ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
      body: '{"test": 2432232314}',
    });
    expect(headers).toEqual({
      "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
      "webhook-timestamp": "1614265330",
      "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    });
  });

  test("is made by both secrets while they change: either one verifies it, and no third", async ({ expect }) => {
    const body = '{"id":"a"}';
    const headers = await signEvent({ id: "a", sentAt: new Date(), secrets: [NEW_SECRET, OLD_SECRET], body });
    expect(headers["webhook-signature"]?.split(" ")).toHaveLength(2);
    for (const secret of [OLD_SECRET, NEW_SECRET])
      expect(new Webhook(secret).verify(body, { ...headers })).toEqual({ id: "a" });
    const third = new Webhook(`whsec_${Buffer.alloc(32, 3).toString("base64")}`);
    expect(() => third.verify(body, { ...headers })).toThrow("No matching signature");
    expect(() => new Webhook(NEW_SECRET).verify(`${body} `, { ...headers })).toThrow("No matching signature");
  });
});

/** Answers of the resolver by name and type. */
function dns(records: Readonly<Record<string, readonly (readonly [number, string])[]>>, status = 0, httpStatus = 200) {
  const asked: URL[] = [];
  const resolve = createDnsResolver({
    url: "https://dns.example.com/dns-query",
    async fetch(url) {
      asked.push(url);
      const key = `${url.searchParams.get("name")} ${url.searchParams.get("type")}`;
      const answer = records[key]?.map(([type, data]) => ({ name: "x", type, TTL: 1, data }));
      const body = { Status: status, ...(answer === undefined ? {} : { Answer: answer }) };
      return Response.json(body, { status: httpStatus });
    },
  });
  return { resolve, asked };
}

const [A, CNAME, AAAA] = [1, 5, 28] as const;
const SIGNAL = new AbortController().signal;

describe("a name is resolved", () => {
  test("in both families, without the names on the way", async ({ expect }) => {
    const { resolve, asked } = dns({
      "a.example.com A": [
        [CNAME, "b.example.com."],
        [A, "192.0.2.1"],
      ],
      "a.example.com AAAA": [[AAAA, "2001:db8::1"]],
    });
    expect(await resolve("a.example.com", SIGNAL)).toEqual(["192.0.2.1", "2001:db8::1"]);
    expect(asked.map((url) => `${url.origin}${url.pathname}`)).toEqual(
      Array(2).fill("https://dns.example.com/dns-query"),
    );
  });

  test("to nothing when there is no such name, or none with an address", async ({ expect }) => {
    expect(await dns({}, 3).resolve("a.example.com", SIGNAL)).toEqual([]);
    expect(await dns({}).resolve("a.example.com", SIGNAL)).toEqual([]);
  });

  test("or not at all: a resolver that fails, refuses or says something else is no answer", async ({ expect }) => {
    await expect(dns({}, 2).resolve("a.example.com", SIGNAL)).rejects.toThrow("no answer");
    await expect(dns({}, 0, 503).resolve("a.example.com", SIGNAL)).rejects.toThrow("refuses");
    const nonsense = createDnsResolver({ url: "https://dns.example.com/", fetch: async () => Response.json([1]) });
    await expect(nonsense("a.example.com", SIGNAL)).rejects.toThrow();
  });
});

/** A sender whose requests are answered as told. */
function sender(
  answer: (init: RequestInit) => Response | Promise<Response>,
  { addresses = ["93.184.215.14"], ...options }: Partial<SenderOptions> & { addresses?: readonly string[] } = {},
) {
  const sent: { readonly url: string; readonly init: RequestInit }[] = [];
  const send = createSender({
    async fetch(url, init) {
      sent.push({ url, init });
      return await answer(init);
    },
    resolve: async () => addresses,
    rules: { allowsLoopback: false },
    timeoutMs: 1_000,
    ...options,
  });
  return { sent, send: (url = "https://example.com/hook") => send(url, { "webhook-id": "a" }, '{"id":"a"}') };
}

describe("an event is sent", () => {
  test("by POST, as JSON, with its headers, and follows no redirect", async ({ expect }) => {
    const { send, sent } = sender(() => new Response(null, { status: 204 }));
    expect(await send()).toEqual({ status: 204, error: null });
    expect(sent).toHaveLength(1);
    expect(sent[0]?.init).toMatchObject({
      method: "POST",
      redirect: "manual",
      body: '{"id":"a"}',
      headers: { "Content-Type": "application/json; charset=utf-8", "webhook-id": "a" },
    });
  });

  test.for([
    [200, null],
    [299, null],
    [301, "redirected"],
    [307, "redirected"],
    [400, "http-status"],
    [410, "http-status"],
    [503, "http-status"],
  ] as const)("an answer of %i is %s", async ([status, error], { expect }) => {
    const { send } = sender(() => new Response(null, { status }));
    expect(await send()).toEqual({ status, error });
  });

  test("and nobody reads what the receiver says", async ({ expect }) => {
    let isCancelled = false;
    const endless = new ReadableStream({ pull: () => {}, cancel: () => void (isCancelled = true) });
    const { send } = sender(() => new Response(endless));
    expect(await send()).toEqual({ status: 200, error: null });
    expect(isCancelled).toBe(true);
  });

  test("but not for longer than it may take", async ({ expect }) => {
    const hang = (init: RequestInit) =>
      new Promise<Response>((_, reject) =>
        init.signal?.addEventListener("abort", () => reject(init.signal?.reason as Error)),
      );
    expect(await sender(hang, { timeoutMs: 20 }).send()).toEqual({ status: null, error: "timed-out" });
    const resolve: SenderOptions["resolve"] = (_, signal) =>
      new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error)));
    const slow = sender(() => new Response(), { timeoutMs: 20, resolve });
    expect(await slow.send()).toEqual({ status: null, error: "timed-out" });
    expect(slow.sent).toEqual([]);
  });

  test("a connection that fails is told as that", async ({ expect }) => {
    const { send } = sender(() => Promise.reject(new TypeError("refused")));
    expect(await send()).toEqual({ status: null, error: "connection-failed" });
  });
});

describe("nothing is sent", () => {
  test.for([
    ["to a URL that is refused", "https://169.254.169.254/latest", ["93.184.215.14"], "address-refused"],
    ["by http", "http://example.com/", ["93.184.215.14"], "address-refused"],
    ["to a name of this machine", "https://a.example.com/", ["127.0.0.1"], "address-refused"],
    ["to a name of metadata", "https://a.example.com/", ["169.254.169.254"], "address-refused"],
    ["to a name in IPv6's private part", "https://a.example.com/", ["fd00::1"], "address-refused"],
    [
      "to a name with one public and one private address",
      "https://a.example.com/",
      ["93.184.215.14", "::1"],
      "address-refused",
    ],
    ["to a name with a mapped address", "https://a.example.com/", ["::ffff:10.0.0.1"], "address-refused"],
    ["to a name that resolves to what is no address", "https://a.example.com/", ["example.org"], "address-refused"],
    ["to a name that does not exist", "https://a.example.com/", [], "name-unresolved"],
  ] as const)("%s", async ([, url, addresses, error], { expect }) => {
    const { send, sent } = sender(() => new Response(), { addresses });
    expect(await send(url)).toEqual({ status: null, error });
    expect(sent).toEqual([]);
  });

  test("when the name cannot be resolved", async ({ expect }) => {
    const { send, sent } = sender(() => new Response(), { resolve: () => Promise.reject(new Error("down")) });
    expect(await send()).toEqual({ status: null, error: "name-unresolved" });
    expect(sent).toEqual([]);
  });

  test("but on a developer's machine this one may be sent to, without a look at its name", async ({ expect }) => {
    const resolve = () => Promise.reject(new Error("not to be asked"));
    const { send } = sender(() => new Response(), { resolve, rules: { allowsLoopback: true } });
    expect(await send("http://localhost:1234/")).toEqual({ status: 200, error: null });
    expect(await send("http://127.0.0.1:1234/")).toEqual({ status: 200, error: null });
    expect(await send("http://10.0.0.1/")).toEqual({ status: null, error: "address-refused" });
  });
});
