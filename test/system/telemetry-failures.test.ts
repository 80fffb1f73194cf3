import { afterAll, afterEach, beforeAll, describe, test } from "vitest";

import { sendMany, type PlainRequest } from "../support/many-requests.ts";
import { startStack, type Stack } from "../support/stack.ts";
import {
  getMetrics,
  METRICS_TOKEN,
  setProxyMode,
  telemetryCompanions,
  total,
  waitForRequests,
} from "../support/telemetry.ts";

const HEALTH: PlainRequest = { method: "GET", path: "/health" };
const AUTHORIZED = { Authorization: `Bearer ${METRICS_TOKEN}` };

describe("With a telemetry Worker that does not work", () => {
  let stack: Stack;
  let sent = 0;

  beforeAll(async () => {
    stack = await startStack({ companions: await telemetryCompanions() });
  });

  afterAll(async () => {
    await stack.stop();
  });

  test.for(["fail", "slow", "hang"] as const)(
    "no request fails (%s), and what was measured meanwhile is delivered afterwards, exactly",
    { timeout: 180_000 },
    async (mode, { expect }) => {
      await setProxyMode(stack, mode);
      // More than make a batch, so that some are under way while others are answered.
      const statuses = await sendMany(
        stack.url,
        Array.from({ length: 1_500 }, () => HEALTH),
        20,
      );
      sent += 1_500;
      expect([...statuses]).toEqual([[200, 1_500]]);
      const whileBroken = await waitForRequests(stack, 0);
      expect(total(whileBroken.samples, "http_requests_total")).toBeLessThan(sent);
      await setProxyMode(stack, "pass");
      expect(await deliverEverything()).toBe(sent);
    },
  );

  test(
    "an answer that makes no sense harms nobody, and what was in the batch is told as lost",
    { timeout: 120_000 },
    async ({ expect }) => {
      await setProxyMode(stack, "nonsense");
      expect([...(await sendMany(stack.url, [HEALTH], 1))]).toEqual([[200, 1]]);
      await expect.poll(() => stack.output.join("\n"), { timeout: 30_000 }).toContain('"reason":"refused"');
      await setProxyMode(stack, "pass");
      const readLost = async (): Promise<number> => {
        await sendMany(stack.url, [HEALTH], 1);
        const { samples } = await waitForRequests(stack, 0);
        return total(samples, "telemetry_lost_measurements_total", { reason: "refused" });
      };
      await expect.poll(readLost, { interval: 1_000, timeout: 50_000 }).toBe(1);
    },
  );

  /** A request a second brings up what is left, as traffic would; gives how many are counted once all are, or after a minute. */
  async function deliverEverything(): Promise<number> {
    for (let second = 0; ; second++) {
      await sendMany(stack.url, [HEALTH], 1);
      sent += 1;
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      const counted = total((await waitForRequests(stack, 0)).samples, "http_requests_total");
      if (counted >= sent - 2 || second >= 60)
        return total((await waitForRequests(stack, sent)).samples, "http_requests_total");
    }
  }
});

describe("/metrics", () => {
  let stack: Stack | null = null;

  afterEach(async () => {
    await stack?.stop();
    stack = null;
  });

  test("is for whoever has the token", async ({ expect }) => {
    stack = await startStack({ companions: await telemetryCompanions() });
    const anonymous = await getMetrics(stack, {});
    expect([anonymous.status, anonymous.headers.get("WWW-Authenticate")]).toEqual([401, "Bearer"]);
    for (const authorization of ["Basic dTpw", "Bearer", `bearer${METRICS_TOKEN}`, METRICS_TOKEN]) {
      expect((await getMetrics(stack, { Authorization: authorization })).status).toBe(401);
    }
    for (const token of ["x", METRICS_TOKEN.slice(0, -1), `${METRICS_TOKEN}x`, METRICS_TOKEN.toUpperCase()]) {
      const refused = await getMetrics(stack, { Authorization: `Bearer ${token}` });
      expect([token, refused.status]).toEqual([token, 403]);
      expect(await refused.text()).not.toContain("http_requests");
    }
    expect((await getMetrics(stack, { Authorization: `bearer ${METRICS_TOKEN}` })).status).toBe(200);
    expect((await getMetrics(stack, AUTHORIZED, { method: "POST" })).status).toBe(405);
    const head = await getMetrics(stack, AUTHORIZED, { method: "HEAD" });
    expect([head.status, head.headers.get("Cache-Control"), await head.text()]).toEqual([200, "no-store", ""]);
  });

  test.for([null, ""])("is nobody's while no token is configured (%s)", async (token, { expect }) => {
    stack = await startStack({ companions: await telemetryCompanions({ token }) });
    for (const headers of [{}, AUTHORIZED, { Authorization: "Bearer undefined" }, { Authorization: "Bearer " }]) {
      const refused = await getMetrics(stack, headers);
      expect(refused.status).toBe(503);
      expect(await refused.text()).toContain("METRICS_TOKEN");
    }
  });
});
