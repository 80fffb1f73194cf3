import { readFileSync } from "node:fs";

import { describe, test } from "vitest";
import { experimental_readRawConfig as readRawConfig, unstable_readConfig as readConfig } from "wrangler";

import { ConfigError, EVENTS_VARIABLES, parseConfig } from "../../../events/src/config.ts";
import { readLane, sendLaneLater, sendLanes } from "../../../events/src/queue/lane-messages.ts";
import { SWEEP_CRON } from "../../../events/src/worker.ts";
import { addBinding, hasBinding, removeBinding } from "../../../tools/bindings/service-binding.ts";
import { EVENTS_BINDING } from "../../../tools/events/bind/binding.ts";
import { EVENTS_DISPATCHER, eventsWorker } from "../../../tools/events/events-worker.ts";

const DATABASE_URL = "postgresql://user:secret@db.example.com/users";

describe("the configuration", () => {
  test("is complete with a database alone", ({ expect }) => {
    expect(parseConfig({ DATABASE_URL })).toMatchObject({
      database: { url: DATABASE_URL, fetchEndpoint: null },
      logLevel: "info",
      dnsUrl: "https://cloudflare-dns.com/dns-query",
      rules: { allowsLoopback: false },
      timeoutMs: 10_000,
      backoff: { baseMs: 5_000, maxMs: 43_200_000, maxAttempts: 15 },
      disableAfterMs: 432_000_000,
      workLeaseMs: 30_000,
      queueLeaseMs: 120_000,
      retentionMs: 2_592_000_000,
      cursorSecret: DATABASE_URL,
      sockets: { socketMs: 3_600_000, patienceMs: 30_000, heartbeatMs: 15_000, perCaller: 20 },
    });
  });

  test.for([
    [{}, "DATABASE_URL is missing"],
    [{ DATABASE_URL: "mysql://secret" }, "DATABASE_URL must look like"],
    [{ DATABASE_URL, ENVIRONMENT: "prod" }, "ENVIRONMENT must be"],
    [{ DATABASE_URL, DNS_URL: "http://dns.example.com" }, "DNS_URL must be an https URL"],
    [{ DATABASE_URL, WEBHOOKS_TIMEOUT_MS: "0" }, "WEBHOOKS_TIMEOUT_MS must be a whole number from 1 to 60000"],
    [{ DATABASE_URL, WEBHOOKS_RETRY_MAX_MS: "86400001" }, "WEBHOOKS_RETRY_MAX_MS must be"],
    [{ DATABASE_URL, CURSOR_SECRET: "short" }, "CURSOR_SECRET must have at least 16 characters"],
    [{ DATABASE_URL, EVENTS_SOCKET_SECONDS: "0" }, "EVENTS_SOCKET_SECONDS must be a whole number from 1 to 86400"],
    [{ DATABASE_URL, WEBHOOKS_MAX_ATTEMPTS: "1e1" }, "WEBHOOKS_MAX_ATTEMPTS must be"],
    [
      { DATABASE_URL, ENVIRONMENT: "production", WEBHOOKS_ALLOW_LOOPBACK: "true" },
      "WEBHOOKS_ALLOW_LOOPBACK is for development only",
    ],
  ] as const)("%j: %s", ([bindings, message], { expect }) => {
    const parse = () => parseConfig(bindings);
    expect(parse).toThrow(ConfigError);
    expect(parse).toThrow(message);
    expect(parse).not.toThrow("secret");
  });

  test("is told variable by variable in docs/events.md", ({ expect }) => {
    const page = readFileSync("docs/events.md", "utf8");
    expect(EVENTS_VARIABLES.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
  });
});

describe("messages of the queue", () => {
  const lane = {
    endpointId: "01932f2e-a1c4-7b02-9d55-6f0c1e8a7b33",
    subjectId: "01932f2e-9d5a-7c31-b3f4-2f6f3c9d8a10",
  };

  test("come back as they were sent, a hundred at once, with whole seconds of delay", async ({ expect }) => {
    const sent: { readonly body: unknown }[] = [];
    const batches: number[] = [];
    const delays: number[] = [];
    const queue = {
      async send(body: unknown, { delaySeconds }: { readonly delaySeconds: number }) {
        sent.push({ body });
        delays.push(delaySeconds);
      },
      async sendBatch(messages: { readonly body: unknown }[]) {
        sent.push(...messages);
        batches.push(messages.length);
      },
    };
    await sendLanes(
      queue,
      Array.from({ length: 250 }, () => lane),
    );
    await sendLaneLater(queue, lane, 4_001);
    expect(batches).toEqual([100, 100, 50]);
    expect(delays).toEqual([5]);
    expect(sent.map(({ body }) => readLane(JSON.parse(JSON.stringify(body))))).toEqual(Array(251).fill(lane));
    expect(Object.keys(Object(sent[0]?.body))).toEqual(["endpoint_id", "subject_id"]);
  });

  test.for([null, "text", {}, { endpoint_id: lane.endpointId }, { endpoint_id: lane.endpointId, subject_id: "x" }])(
    "%j is none",
    (body, { expect }) => {
      expect(readLane(body)).toBeNull();
    },
  );
});

const FILE = { config: "events/wrangler.toml" };
const read = (environment: string) =>
  readConfig({ ...FILE, ...(environment === "development" ? {} : { env: environment }) });

describe.for(["development", "staging", "production"])("events/wrangler.toml for %s", (environment) => {
  const suffix = environment === "development" ? "" : `-${environment}`;
  const config = read(environment);

  test("has its queues, and lets what cannot be worked on die where it is seen", ({ expect }) => {
    const deadLetters = `users-api-dead-letters${suffix}`;
    expect(config.queues.producers).toMatchObject([
      { binding: "DELIVERIES", queue: `users-api-deliveries${suffix}` },
      { binding: "DEAD_LETTERS", queue: deadLetters },
    ]);
    expect(config.queues.consumers).toEqual([
      {
        queue: `users-api-deliveries${suffix}`,
        max_batch_size: 5,
        max_batch_timeout: 0,
        max_retries: 5,
        retry_delay: 5,
        dead_letter_queue: deadLetters,
      },
    ]);
  });

  test("has the classes of its objects, which are made with the first migration", ({ expect }) => {
    expect(config.durable_objects.bindings).toEqual([
      { name: "USER_EVENT_FEEDS", class_name: "UserEventFeed" },
      { name: "FEED_DIRECTORY", class_name: "FeedDirectory" },
    ]);
    expect(config.migrations).toEqual([{ tag: "v1", new_sqlite_classes: ["UserEventFeed", "FeedDirectory"] }]);
  });

  test("looks every minute, sweeps every hour, and is reached by nobody", ({ expect }) => {
    expect(config.triggers.crons).toEqual(["* * * * *", SWEEP_CRON]);
    const { rawConfig } = readRawConfig(FILE);
    const own = environment === "development" ? rawConfig : rawConfig.env?.[environment];
    expect(own).toMatchObject({ workers_dev: false, preview_urls: false });
  });

  test("is on the date of the API, and sends over the public internet only", ({ expect }) => {
    expect(config.compatibility_date).toBe(readConfig({ config: "wrangler.toml" }).compatibility_date);
    expect(config.compatibility_flags).toContain("global_fetch_strictly_public");
    expect(config.vars["ENVIRONMENT"]).toBe(environment);
    if (environment === "development") return;
    expect(config.name).toBe(`users-api-events-${environment}`);
    expect(config.secrets?.required).toEqual(["DATABASE_URL"]);
    expect(config.observability?.logs).toEqual({ enabled: true, head_sampling_rate: 1, invocation_logs: false });
  });
});

test("the local Worker has the queues and objects of events/wrangler.toml", ({ expect }) => {
  const { queueConsumers, queueProducers, durableObjects, compatibilityFlags, compatibilityDate } = eventsWorker({
    module: "",
    vars: {},
  });
  const { queues, durable_objects: objects, compatibility_flags, compatibility_date } = read("development");
  const bound: readonly { readonly name: string; readonly class_name: string }[] = objects.bindings;
  expect(durableObjects).toEqual(
    Object.fromEntries(bound.map(({ name, class_name: className }) => [name, { className, useSQLite: true }])),
  );
  const consumers: readonly { readonly queue: string }[] = queues.consumers ?? [];
  const producers: readonly { readonly binding: string; readonly queue: string }[] = queues.producers ?? [];
  expect(Object.keys(Object(queueConsumers))).toEqual(consumers.map(({ queue }) => queue));
  expect(queueProducers).toEqual(
    Object.fromEntries(producers.map(({ binding, queue }) => [binding, { queueName: queue }])),
  );
  expect(compatibilityFlags).toEqual(compatibility_flags);
  expect(compatibilityDate).toBe(compatibility_date);
});

test.for(["staging", "production"])("the API in %s is bound to the events Worker by one command", (env, { expect }) => {
  const text = readFileSync("wrangler.toml", "utf8");
  const bound = addBinding(text, env, EVENTS_BINDING);
  expect(hasBinding(bound, env, EVENTS_BINDING)).toBe(true);
  expect(bound).toContain(`entrypoint = "${EVENTS_DISPATCHER.entrypoint}"`);
  expect(bound).toContain(`service = "${read(env).name}"`);
  expect(removeBinding(bound, env, EVENTS_BINDING)).toBe(removeBinding(text, env, EVENTS_BINDING));
});
