import { readFileSync } from "node:fs";
import { join } from "node:path";

import pg from "pg";
import { afterAll, beforeAll, describe, test } from "vitest";

import { plantBatches, plantSlowdown } from "../../bench/guard/plant.ts";
import { createAutocannon } from "../../bench/load/autocannon.ts";
import { assertAnswers } from "../../bench/load/load.ts";
import { findWrk } from "../../bench/load/wrk.ts";
import { ask, steadyHeaders } from "../../bench/recording/answers.ts";
import { createVerify } from "../../bench/run/verify.ts";
import { findScenario, SCENARIOS } from "../../bench/scenarios/index.ts";
import { ROW_COUNT } from "../../bench/scenarios/rows.ts";
import { deletableFor } from "../../bench/stack/database.ts";
import type { BenchStack } from "../../bench/stack/stack.ts";
import { startStack } from "../../bench/stack/start-stack.ts";
import { startApi } from "../../bench/variants/api.ts";
import { prepareVariants, VARIANT_NAMES, type VariantName } from "../../bench/variants/index.ts";
import { METRICS_TOKEN } from "../../bench/variants/telemetry.ts";
import type { Variant, VariantServer } from "../../bench/variants/variant.ts";
import { createCleanup } from "../../tools/command/cleanup.ts";

const cleanup = createCleanup();
const signal = new AbortController().signal;
/** The others are the same API with something else beside it, and started where they are looked at. */
const REFERENCES = VARIANT_NAMES.filter((name) => !name.startsWith("api-"));
const servers = new Map<string, VariantServer>();
let stack: BenchStack;
let variants: readonly Variant[];

beforeAll(async () => {
  const quiet = { line: () => undefined, status: () => undefined, end: () => undefined };
  stack = await startStack({ cleanup, signal, progress: quiet });
  variants = await prepareVariants(REFERENCES, stack);
  for (const variant of variants) {
    const server = await variant.start();
    cleanup.add(() => server.stop());
    servers.set(variant.name, server);
  }
});
afterAll(() => cleanup.run());

const originOf = (name: string): string => servers.get(name)?.origin ?? "";

describe("the floor answers as the API does, byte for byte but for ids and times", () => {
  test.for(SCENARIOS)("$name", async ({ requests, isWriting }, { expect }) => {
    for (const template of new Set(requests)) {
      const answers = [];
      for (const name of ["api", "floor"]) {
        if (isWriting) await stack.database.restore({ rows: 200, deletable: 1 });
        const answer = await ask(originOf(name), template, "held00");
        answers.push({ status: answer.status, headers: steadyHeaders(answer, "held00"), body: answer.text });
      }
      const [api, floor] = answers;
      expect(api?.status).toBe(template.status);
      expect(floor).toEqual(api);
    }
  });
});

test("every variant answers what it is said to serve", async ({ expect }) => {
  await stack.database.restore();
  const verify = createVerify(stack.database, stack.recording.answers);
  const served = new Map<string, number>();
  // Those that write come last, so that the others find the table as it was.
  for (const scenario of SCENARIOS.toSorted((left, right) => Number(left.isWriting) - Number(right.isWriting))) {
    for (const variant of variants.filter(({ serves }) => serves(scenario))) {
      await verify(variant, originOf(variant.name), scenario);
      served.set(variant.name, (served.get(variant.name) ?? 0) + 1);
    }
  }
  const all = SCENARIOS.length;
  expect(Object.fromEntries(served)).toEqual({
    api: all,
    floor: all,
    hello: all,
    ceiling: 3,
    starter: all - 3,
    node: all - 2,
  });
});

describe("a wrong answer is noticed before it is measured", () => {
  test("another status, another body", async ({ expect }) => {
    const [api] = variants;
    const verify = createVerify(stack.database, stack.recording.answers);
    if (api === undefined) throw new Error("there is no API");
    await expect(verify(api, originOf("hello"), findScenario("unauthorized"))).rejects.toThrow("200, not 401");
    await expect(verify(api, originOf("hello"), findScenario("get-by-id"))).rejects.toThrow("not that of the API");
  });
});

describe("both load tools make the requests of a scenario, and count answers exactly", () => {
  const tools = () => [findWrk(stack.folder), createAutocannon(stack.folder)].filter((tool) => tool !== null);

  /** Reads, creations and changes; ids that are met once; refusals. */
  const EXAMPLES = ["mixed", "delete", "keyed-create", "validation-error"].map(findScenario);

  test.for(EXAMPLES)("$name", async (scenario, { expect }) => {
    for (const tool of tools()) {
      const seconds = 1;
      if (scenario.isWriting) await stack.database.restore({ deletable: deletableFor(scenario, seconds) });
      const load = { scenario, seconds, connections: 4, nonce: `${tool.name.slice(0, 3)}000`, rows: ROW_COUNT };
      const result = await tool.run({ ...load, origin: originOf("api") }, signal);
      assertAnswers(tool.name, load, result);
      expect(result.requests).toBeGreaterThan(20);
      expect(result.p99Ms).toBeGreaterThanOrEqual(result.p50Ms);
    }
  });

  test("requests that are refused although they should not be end the measurement", async ({ expect }) => {
    for (const tool of tools()) {
      const scenario = findScenario("get-by-id");
      const load = { scenario, seconds: 1, connections: 2, nonce: "none00", rows: 2 * ROW_COUNT };
      const result = await tool.run({ ...load, origin: originOf("api") }, signal);
      expect(result.refusals).toBeGreaterThan(0);
      expect(() => assertAnswers(tool.name, load, result)).toThrow("were refused");
    }
  });
});

describe("the ceiling answers as the API does, byte for byte but for ids and times", () => {
  test.for(["health", "unauthorized", "rate-limited"])("%s", async (name, { expect }) => {
    for (const template of findScenario(name).requests) {
      const [api, ceiling] = await Promise.all(
        ["api", "ceiling"].map(async (one) => {
          const answer = await ask(originOf(one), template, "ceil00");
          return { status: answer.status, headers: steadyHeaders(answer, "ceil00"), body: answer.text };
        }),
      );
      expect(ceiling).toEqual(api);
    }
  });
});

describe("variants of the API answer as it does", () => {
  const scenario = findScenario("get-by-id");

  /** Starts a variant, asks it as before a measurement, and looks at it until the test has seen enough. */
  async function withVariant(name: VariantName, look: (server: VariantServer) => Promise<void>): Promise<void> {
    const [variant] = await prepareVariants([name], stack);
    const server = await variant?.start();
    if (variant === undefined || server === undefined) throw new Error(`there is no variant ${name}`);
    try {
      await createVerify(stack.database, stack.recording.answers)(variant, server.origin, scenario);
      await look(server);
    } finally {
      await server.stop();
    }
  }

  test("and the telemetry Worker counts it", async ({ expect }) => {
    await withVariant("api-telemetry", async ({ companionOrigin }) => {
      const headers = { Authorization: `Bearer ${METRICS_TOKEN}` };
      const readMetrics = async () => await (await fetch(`${companionOrigin}/metrics`, { headers })).text();
      await expect
        .poll(readMetrics, { timeout: 30_000, interval: 250 })
        .toMatch(/^http_requests_total\{.*route="\/api\/v1\/users\/id\/[^"]*".*\} [1-9]/m);
    });
  });

  test.for(["api-telemetry-down", "api-telemetry-silent"] as const)(
    "and %s is what it says",
    async (name, { expect }) => {
      await withVariant(name, async () => {
        const readLog = () => readFileSync(join(stack.folder, name, "output.log"), "utf8");
        await expect.poll(readLog, { timeout: 50_000, interval: 250 }).toContain('"event":"telemetry_failed"');
      });
    },
  );

  test("and the one without an outbox leaves no events, until it has ended", async ({ expect }) => {
    const client = new pg.Client({ connectionString: stack.database.url });
    await client.connect();
    try {
      const create = async (origin: string, nonce: string): Promise<unknown[]> => {
        for (const template of findScenario("create").requests)
          expect((await ask(origin, template, nonce)).status).toBe(201);
        return (await client.query("select type from user_events")).rows;
      };
      await withVariant("api-no-outbox", async ({ origin }) => {
        await stack.database.restore();
        expect(await create(origin, "none01")).toEqual([]);
      });
      expect(await create(originOf("api"), "some01")).toEqual([{ type: "user.created" }]);
    } finally {
      await client.end();
    }
  });
});

test.for([
  ["slow.js", plantSlowdown],
  ["batches.js", plantBatches],
] as const)("the planted fault %s changes no answer", async ([file, plant], { expect }) => {
  const script = await plant(stack.api.script, stack.folder);
  const slow = await startApi(stack, { script, folder: "slow" });
  try {
    const [template] = findScenario("get-by-id").requests;
    if (template === undefined) throw new Error("the scenario has no request");
    const answer = await ask(slow.origin, template, "slow00");
    expect(answer.text).toBe(stack.recording.answers.get(template));
    expect(script).toBe(join(stack.folder, file));
  } finally {
    await slow.stop();
  }
});
