import { describe, test } from "vitest";

import type { SendResult } from "../../../events/src/delivery/send-event.ts";
import type { Consequence, Failed, Failure, Lane, Work } from "../../../events/src/models/delivery.ts";
import { createDeliveryService } from "../../../events/src/services/delivery-service.ts";
import { TEST_CONTEXT } from "../../support/call-context.ts";

const LANE: Lane = { endpointId: "e", subjectId: "u" };
const OK: SendResult = { status: 200, error: null };
const FAILED = { status: 503, error: "http-status" } as const;

function workOn(eventId: string, given: Partial<Work> = {}): Work {
  const where = { url: "https://example.com/", secrets: ["s"], body: `{"id":"${eventId}"}` };
  return {
    endpointId: "e",
    subjectId: "u",
    eventId,
    token: 2,
    eventType: "user.created",
    attempts: 0,
    ...where,
    ...given,
  };
}

interface World {
  /** The lane, its head first. */
  readonly lane: Work[];
  readonly answers?: readonly SendResult[];
  readonly failed?: Failed | null;
  /** Whether a success cannot be noted. */
  readonly notingFails?: boolean;
}

/** A service over a lane that is worked on in order, and a receiver that answers as told, with the last answer from then on. */
function given({ lane, answers = [OK], failed = { disabled: null }, notingFails = false }: World) {
  const log: string[] = [];
  const failures: { readonly failure: Failure; readonly consequence: Consequence }[] = [];
  let sends = 0;
  const service = createDeliveryService({
    deliveries: {
      take: async ({ subjectId }) => (log.push(`take ${subjectId}`), lane.shift() ?? null),
      async succeed({ eventId }, status, { isWanted }) {
        if (notingFails) throw new Error("the database is down");
        log.push(`succeed ${eventId} ${status}${isWanted ? "" : " last"}`);
        return isWanted ? (lane.shift() ?? null) : null;
      },
      async fail(_work, failure, consequence) {
        failures.push({ failure, consequence });
        return failed;
      },
    },
    async send(_url, headers, body) {
      log.push(`send ${body} ${headers["signed"]}`);
      return answers[Math.min(sends++, answers.length - 1)] ?? OK;
    },
    sign: async ({ id, secrets }) => ({ signed: `${id}:${secrets.join(",")}` }),
    enqueueLater: async ({ subjectId }, delayMs) => void log.push(`later ${subjectId} ${delayMs}`),
    backoff: (attempts, askedMs) => (attempts < 3 ? attempts * 1_000 + (askedMs ?? 0) : null),
    workLeaseMs: 30_000,
    queueLeaseMs: 60_000,
    disableAfterMs: 5_000_000,
    now: () => new Date(0),
    startCall: () => TEST_CONTEXT,
    observer: {
      onDelivered: ({ eventId, attempts }) => void log.push(`delivered ${eventId} ${attempts}`),
      onFailed: ({ eventId, attempts, error }) => void log.push(`failed ${eventId} ${attempts} ${error}`),
      onDead: async ({ eventId, attempts }) => void log.push(`dead ${eventId} ${attempts}`),
      onDisabled: (endpointId, reason) => void log.push(`disabled ${endpointId} ${reason}`),
    },
  });
  return { service, log, failures };
}

describe("a lane", () => {
  test("is worked on from its head on, one event after the other", async ({ expect }) => {
    const { service, log } = given({ lane: [workOn("1"), workOn("2", { secrets: ["new", "old"] })] });
    await service.deliver(LANE);
    expect(log).toEqual([
      "take u",
      'send {"id":"1"} 1:s',
      "succeed 1 200",
      "delivered 1 1",
      'send {"id":"2"} 2:new,old',
      "succeed 2 200",
      "delivered 2 1",
    ]);
  });

  test("that somebody else is at, or that has nothing due, leads to nothing", async ({ expect }) => {
    const { service, log } = given({ lane: [] });
    await service.deliver(LANE);
    expect(log).toEqual(["take u"]);
  });

  test("leads to so many events at most: the last one asks for no other", async ({ expect }) => {
    const { service, log } = given({ lane: Array.from({ length: 80 }, (_, n) => workOn(String(n))) });
    await service.deliver(LANE);
    const successes = log.filter((line) => line.startsWith("succeed"));
    expect(successes).toHaveLength(50);
    expect(successes.filter((line) => line.endsWith("last"))).toEqual(["succeed 49 200 last"]);
  });

  test("is not given up when what happened cannot be noted: whoever called is told", async ({ expect }) => {
    const { service } = given({ lane: [workOn("1")], notingFails: true });
    await expect(service.deliver(LANE)).rejects.toThrow("the database is down");
  });
});

describe("a failure", () => {
  test("is followed by an attempt when the receiver wants it, and noted without its wish", async ({ expect }) => {
    const { service, log, failures } = given({ lane: [workOn("1")], answers: [{ ...FAILED, retryAfterMs: 90_000 }] });
    await service.deliver(LANE);
    expect(log.at(-1)).toBe("later u 91000");
    expect(failures).toMatchObject([{ failure: FAILED, consequence: { delayMs: 91_000 } }]);
    expect(failures[0]?.failure).not.toHaveProperty("retryAfterMs");
  });

  test("that is the last is given up, whatever the receiver wants", async ({ expect }) => {
    const answers = [{ ...FAILED, retryAfterMs: 90_000 }];
    const { service, log } = given({ lane: [workOn("1", { attempts: 2 })], answers });
    await service.deliver(LANE);
    expect(log.at(-1)).toBe("dead 1 3");
  });

  test("ends the work on the lane, and brings it up again later", async ({ expect }) => {
    const { service, log, failures } = given({
      lane: [workOn("1"), workOn("2", { attempts: 1 }), workOn("3")],
      answers: [OK, FAILED],
    });
    await service.deliver(LANE);
    expect(log.slice(-3)).toEqual(['send {"id":"2"} 2:s', "failed 2 2 http-status", "later u 2000"]);
    expect(failures).toEqual([
      {
        failure: FAILED,
        consequence: {
          delayMs: 2_000,
          leaseMs: 60_000,
          isEndpointsFault: true,
          isGone: false,
          disableAfterMs: 5_000_000,
        },
      },
    ]);
  });

  test("after the last attempt is the end of the delivery", async ({ expect }) => {
    const { service, log, failures } = given({ lane: [workOn("1", { attempts: 2 })], answers: [FAILED] });
    await service.deliver(LANE);
    expect(log.at(-1)).toBe("dead 1 3");
    expect(failures[0]?.consequence.delayMs).toBeNull();
  });

  test("whose claim was lost meanwhile is somebody else's", async ({ expect }) => {
    const { service, log } = given({ lane: [workOn("1")], answers: [FAILED], failed: null });
    await service.deliver(LANE);
    expect(log.at(-1)).toMatch(/^send/);
  });

  test("of 410 tells that the endpoint is gone; disabled, it gets no message", async ({ expect }) => {
    const gone: SendResult = { status: 410, error: "http-status" };
    const failed: Failed = { disabled: "gone" };
    const { service, log, failures } = given({ lane: [workOn("1", { attempts: 9 })], answers: [gone], failed });
    await service.deliver(LANE);
    expect(failures[0]?.consequence).toMatchObject({ isGone: true, delayMs: 0 });
    expect(log.slice(-2)).toEqual(["disabled e gone", "failed 1 10 http-status"]);
  });

  test("of an event that is gone is not the endpoint's, and nothing is sent", async ({ expect }) => {
    const { service, log, failures } = given({ lane: [workOn("1", { body: null })] });
    await service.deliver(LANE);
    expect(log).toEqual(["take u", "dead 1 1"]);
    expect(failures[0]).toMatchObject({
      failure: { status: null, error: "event-expired" },
      consequence: { isEndpointsFault: false, delayMs: null },
    });
  });
});
