import { randomBytes } from "node:crypto";

import fc from "fast-check";
import { Webhook } from "standardwebhooks";
import { afterEach, describe, test, vi } from "vitest";

import { WebhookVerificationError, webhooks, type ReceivedWebhook } from "../../../client/src/index.ts";

const NOW_MS = Date.UTC(2026, 0, 31, 12);
const EVENT = {
  id: "01932f2e-a1c4-7b02-9d55-6f0c1e8a7b33",
  type: "user.deleted",
  occurred_at: "2026-01-31T12:00:00.000Z",
  user_id: "01932f2e-9d5a-7c31-b3f4-2f6f3c9d8a10",
  user_version: 3,
  user: null,
};
const newSecret = (bytes = 32) => `whsec_${randomBytes(bytes).toString("base64")}`;
const SECRET = newSecret();

interface Signing {
  readonly payload?: string;
  readonly secrets?: readonly string[];
  readonly id?: string;
  readonly at?: Date;
}

/** A delivery as the reference library of Standard Webhooks signs it. */
function sign({
  payload = JSON.stringify(EVENT),
  secrets = [SECRET],
  id = EVENT.id,
  at = new Date(NOW_MS),
}: Signing = {}) {
  return {
    payload,
    headers: {
      "webhook-id": id,
      "webhook-timestamp": String(Math.floor(at.getTime() / 1_000)),
      "webhook-signature": secrets.map((secret) => new Webhook(secret).sign(id, at, payload)).join(" "),
    },
  };
}

const verify = (delivery: Omit<ReceivedWebhook, "secrets"> & Partial<ReceivedWebhook>) =>
  webhooks.verify({ secrets: SECRET, now: () => NOW_MS, ...delivery });

const reasonOf = (delivery: Parameters<typeof verify>[0]) =>
  verify(delivery).then(
    () => null,
    (error: unknown) => {
      if (error instanceof WebhookVerificationError) return error.reason;
      throw error;
    },
  );

describe("webhooks.verify()", () => {
  test("takes what the reference library signs, whatever the payload, and gives the event", async ({ expect }) => {
    await fc.assert(
      fc.asyncProperty(fc.json(), fc.uint8Array({ minLength: 24, maxLength: 64 }), async (json, bytes) => {
        const secret = `whsec_${Buffer.from(bytes).toString("base64")}`;
        const event: unknown = { ...EVENT, user: JSON.parse(json) };
        const delivery = sign({ payload: JSON.stringify(event), secrets: [secret] });
        expect(await verify({ ...delivery, secrets: secret })).toEqual(event);
      }),
    );
  });

  test.for([
    ["text", (text: string) => text],
    ["bytes", (text: string) => new TextEncoder().encode(text)],
    ["a Buffer, which is a window into a larger one", (text: string) => Buffer.from(text)],
    ["an ArrayBuffer", (text: string) => new TextEncoder().encode(text).buffer],
  ] as const)("takes the payload as %s", async ([, as], { expect }) => {
    const { payload, headers } = sign({ payload: JSON.stringify({ ...EVENT, user: { full_name: "Zoë O’Neill" } }) });
    expect(await verify({ payload: as(payload), headers })).toMatchObject({ user: { full_name: "Zoë O’Neill" } });
  });

  test("takes headers as Headers, as Node's object, and in any case", async ({ expect }) => {
    const { payload, headers } = sign();
    const shouted = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toUpperCase(), value]));
    for (const given of [new Headers(headers), { ...headers, "set-cookie": ["a", "b"], host: undefined }, shouted]) {
      expect(await verify({ payload, headers: given })).toEqual(EVENT);
    }
  });

  test("takes either secret while one is rotated, on either side", async ({ expect }) => {
    const [old, fresh] = [newSecret(), newSecret()];
    const both = sign({ secrets: [fresh, old] });
    for (const secrets of [old, fresh, [old, fresh], [fresh, old]]) {
      expect(await verify({ ...both, secrets })).toEqual(EVENT);
    }
    expect(await verify({ ...sign({ secrets: [old] }), secrets: [fresh, old] })).toEqual(EVENT);
    expect(await reasonOf({ ...sign({ secrets: [old] }), secrets: fresh })).toBe("wrong-signature");
  });

  test("passes over signatures of other kinds and broken ones", async ({ expect }) => {
    const { payload, headers } = sign();
    const own = headers["webhook-signature"];
    const others = ["v1a,AAAA", "v2,", "v1,%%%", "v1,AAAA", "", own].join(" ");
    expect(await verify({ payload, headers: { ...headers, "webhook-signature": others } })).toEqual(EVENT);
  });

  test("looks at a few signatures only, however many there are", async ({ expect }) => {
    const { payload, headers } = sign();
    const many = [...Array.from({ length: 10_000 }, () => "v1,AAAA"), headers["webhook-signature"]].join(" ");
    expect(await reasonOf({ payload, headers: { ...headers, "webhook-signature": many } })).toBe("wrong-signature");
  });

  test("lets events of types pass that it does not know", async ({ expect }) => {
    const event = { ...EVENT, type: "user.renamed" };
    expect(await verify(sign({ payload: JSON.stringify(event) }))).toEqual(event);
  });
});

describe("The reference library and webhooks.verify()", () => {
  afterEach(() => void vi.useRealTimers());

  test("judge alike: by time, by secret, by what was changed on the way", async ({ expect }) => {
    vi.useFakeTimers({ toFake: ["Date"], now: NOW_MS });
    const [other, third] = [newSecret(), newSecret()];
    const secrets = fc.shuffledSubarray([SECRET, other, third], { minLength: 1 });
    const age = fc.oneof(fc.integer({ min: -310, max: 310 }), fc.constantFrom(-301, -300, 300, 301));
    const change = fc.constantFrom("nothing", "payload", "id", "signature");
    const verdicts = new Set<boolean>();
    await fc.assert(
      fc.asyncProperty(secrets, age, change, async (signing, seconds, changed) => {
        const { payload, headers } = sign({ secrets: signing, at: new Date(NOW_MS - seconds * 1_000) });
        const body = changed === "payload" ? `${payload} ` : payload;
        const sent = {
          ...headers,
          ...(changed === "id" ? { "webhook-id": "another" } : {}),
          ...(changed === "signature" ? { "webhook-signature": headers["webhook-signature"].slice(4) } : {}),
        };
        const isTaken = await verify({ payload: body, headers: sent }).then(
          () => true,
          () => false,
        );
        expect(isTaken).toBe(isTakenByReference(body, sent));
        verdicts.add(isTaken);
      }),
      { numRuns: 300 },
    );
    expect(verdicts.size).toBe(2);
  });
});

function isTakenByReference(payload: string, headers: Record<string, string>): boolean {
  try {
    new Webhook(SECRET).verify(payload, headers);
    return true;
  } catch {
    return false;
  }
}

describe("A delivery is refused", () => {
  test("whichever byte of it is another one", async ({ expect }) => {
    const { payload, headers } = sign();
    const parts = [payload, ...Object.values(headers)];
    await fc.assert(
      fc.asyncProperty(
        fc.nat(parts.length - 1),
        fc.nat(),
        fc.constantFrom("0", "a", "Z", "~"),
        async (part, place, other) => {
          const text = parts[part] ?? "";
          const at = place % text.length;
          const changed = `${text.slice(0, at)}${other}${text.slice(at + 1)}`;
          // The last character of base64 says less than its bits hold.
          const isSame = part === 3 ? at >= text.length - 2 || changed === text : changed === text;
          const [body = "", id = "", timestamp = "", signature = ""] = parts.with(part, changed);
          const outcome = await reasonOf({
            payload: body,
            headers: { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signature },
          });
          expect(isSame || outcome !== null).toBe(true);
        },
      ),
    );
  });

  test.for(["webhook-id", "webhook-timestamp", "webhook-signature"] as const)(
    "without its header %s, with an empty one, and with two",
    async (name, { expect }) => {
      const { payload, headers } = sign();
      for (const value of [undefined, "", ["a", "b"]]) {
        expect(await reasonOf({ payload, headers: { ...headers, [name]: value } })).toBe("missing-header");
      }
      expect(await reasonOf({ payload, headers: { ...headers, [name.toUpperCase()]: "a" } })).toBe("missing-header");
    },
  );

  test.for([
    [300, null],
    [301, "too-old"],
    [-300, null],
    [-301, "too-new"],
  ] as const)("when it is %i seconds old: %s", async ([age, reason], { expect }) => {
    expect(await reasonOf(sign({ at: new Date(NOW_MS - age * 1_000) }))).toBe(reason);
  });

  test("by another tolerance, where one is given", async ({ expect }) => {
    const delivery = sign({ at: new Date(NOW_MS - 20_000) });
    expect(await reasonOf({ ...delivery, toleranceSeconds: 10 })).toBe("too-old");
    expect(await reasonOf({ ...delivery, toleranceSeconds: 20 })).toBeNull();
  });

  test.for(["1e9", "-1", "1769860800.5", "0x10", "tomorrow"])(
    "with the timestamp %j",
    async (timestamp, { expect }) => {
      const { payload, headers } = sign();
      const given = { ...headers, "webhook-timestamp": timestamp };
      expect(await reasonOf({ payload, headers: given })).toBe("malformed-header");
    },
  );

  test.for(["", "no JSON", "[]", "null", '{"type":"user.created"}', '{"id":1,"type":"a","occurred_at":"b"}'])(
    "although it is signed, when the payload is no event: %j",
    async (payload, { expect }) => {
      expect(await reasonOf(sign({ payload }))).toBe("malformed-payload");
    },
  );
});

describe("A secret that is none is a mistake of the receiver, and is not repeated", () => {
  test.for([
    "",
    "whsec_",
    randomBytes(32).toString("base64"),
    newSecret(23),
    newSecret(65),
    `whsec_${"*".repeat(44)}`,
    ["whsec_"],
    [],
  ])("%j", async (secrets, { expect }) => {
    const failure = await verify({ ...sign(), secrets }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(TypeError);
    const text = typeof secrets === "string" ? secrets.slice("whsec_".length) : "";
    expect(text !== "" && String(failure).includes(text)).toBe(false);
  });
});
