import { afterEach, beforeEach, describe, test } from "vitest";

import { ACCOUNT, type Api, createApi, uploadForm } from "./api.ts";

const QUEUES = `/accounts/${ACCOUNT}/queues`;
const SETTINGS = { batch_size: 5, max_retries: 2, max_wait_time_ms: 0, retry_delay: 5 };

let api: Api;
beforeEach(() => {
  api = createApi();
});
afterEach(() => api.remove());

async function createQueue(name: string): Promise<string> {
  const { result } = await api.call("POST", QUEUES, { json: { queue_name: name } });
  return String(Object(result).queue_id);
}

const consumer = (parts: object = {}): object => ({
  type: "worker",
  script_name: "worker",
  dead_letter_queue: "dead",
  settings: SETTINGS,
  ...parts,
});

describe("queues", () => {
  test("are made, found by their names, changed and deleted, also after a restart", async ({ expect }) => {
    const id = await createQueue("jobs");
    await createQueue("dead");
    expect(id).toMatch(/^[0-9a-f]{32}$/);
    const again = api.reopen();
    expect((await again.call("GET", `${QUEUES}?name=jobs`)).result).toMatchObject([{ queue_id: id, consumers: [] }]);
    expect((await again.call("GET", `${QUEUES}?name=jobs&name=dead&name=none`)).result).toHaveLength(2);
    expect((await again.call("GET", `${QUEUES}?page=2`)).result).toEqual([]);
    await again.call("PATCH", `${QUEUES}/${id}`, { json: { queue_name: "jobs", settings: { delivery_delay: 3 } } });
    expect((await again.call("GET", `${QUEUES}/${id}`)).result).toMatchObject({ settings: { delivery_delay: 3 } });
    expect((await again.call("DELETE", `${QUEUES}/${id}`)).status).toBe(200);
    expect(await again.call("GET", `${QUEUES}/${id}`)).toMatchObject({ status: 404, errors: [10412] });
  });

  test("have names of their own, of letters, digits and hyphens", async ({ expect }) => {
    await createQueue("jobs");
    const create = (name: string) => api.call("POST", QUEUES, { json: { queue_name: name } });
    expect(await create("jobs")).toMatchObject({ status: 409, errors: [11009] });
    for (const name of ["", "-jobs", "jo_bs", "j".repeat(64)])
      expect(await create(name)).toMatchObject({ status: 400, errors: [10400] });
  });
});

describe("a queue's consumer", () => {
  test("is a Worker, one at most, and can be changed and removed", async ({ expect }) => {
    const id = await createQueue("jobs");
    await api.call("PUT", "scripts/worker", { form: uploadForm() });
    const { result } = await api.call("POST", `${QUEUES}/${id}/consumers`, { json: consumer() });
    expect(result).toMatchObject({ script: "worker", environment: "production", settings: SETTINGS });
    const second = await api.call("POST", `${QUEUES}/${id}/consumers`, { json: consumer() });
    expect(second).toMatchObject({ status: 400, errors: [11004] });
    const target = `${QUEUES}/${id}/consumers/${Object(result).consumer_id}`;
    await api.call("PUT", target, { json: consumer({ settings: { batch_size: 9 }, dead_letter_queue: undefined }) });
    expect((await api.call("GET", `${QUEUES}/${id}/consumers`)).result).toEqual([
      expect.objectContaining({ settings: { batch_size: 9 } }),
    ]);
    expect((await api.call("DELETE", target)).status).toBe(200);
    expect(await api.call("DELETE", target)).toMatchObject({ status: 404, errors: [10412] });
    expect((await api.call("GET", `${QUEUES}/${id}`)).result).toMatchObject({ consumers: [] });
  });

  test("is refused when it is not there, or its settings are beyond Cloudflare's", async ({ expect }) => {
    const id = await createQueue("jobs");
    const create = (json: object) => api.call("POST", `${QUEUES}/${id}/consumers`, { json });
    expect(await create(consumer())).toMatchObject({ status: 404, errors: [10007] });
    await api.call("PUT", "scripts/worker", { form: uploadForm() });
    for (const parts of [
      { type: "http_pull" },
      { settings: { batch_size: 101 } },
      { settings: { max_wait_time_ms: 60_001 } },
      { dead_letter_queue: "jobs" },
    ])
      expect(await create(consumer(parts))).toMatchObject({ status: 400, errors: [10400] });
  });

  test("goes with its Worker, the queue stays", async ({ expect }) => {
    const id = await createQueue("jobs");
    await api.call("PUT", "scripts/worker", { form: uploadForm() });
    await api.call("POST", `${QUEUES}/${id}/consumers`, { json: consumer() });
    await api.call("DELETE", "scripts/worker");
    expect((await api.call("GET", `${QUEUES}/${id}`)).result).toMatchObject({ queue_name: "jobs", consumers: [] });
  });
});

describe("a producer's binding", () => {
  test("leads to a queue that is there, is inherited, and is told by the queue", async ({ expect }) => {
    const id = await createQueue("jobs");
    const bindings = [{ name: "JOBS", type: "queue", queue_name: "jobs" }];
    expect((await api.call("PUT", "scripts/worker", { form: uploadForm({ bindings }) })).status).toBe(200);
    const inherited = [{ name: "JOBS", type: "inherit" }];
    await api.call("POST", "scripts/worker/versions", { form: uploadForm({ bindings: inherited }) });
    expect(api.script("worker").versions.at(-1)?.bindings).toEqual(bindings);
    expect((await api.call("GET", `${QUEUES}/${id}`)).result).toMatchObject({ producers: [{ script: "worker" }] });
  });

  test("to nowhere is refused, and leaves nothing behind", async ({ expect }) => {
    const bindings = [{ name: "JOBS", type: "queue", queue_name: "jobs" }];
    expect(await api.call("PUT", "scripts/worker", { form: uploadForm({ bindings }) })).toMatchObject({
      status: 400,
      errors: [10412],
    });
    expect(api.context.store.find("worker")).toBeNull();
  });
});
