import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import type { Context } from "../../../../../tools/cloudflare-emulator/control-plane/context.ts";
import { createDispatch } from "../../../../../tools/cloudflare-emulator/control-plane/http/dispatch.ts";
import type { Outcome } from "../../../../../tools/cloudflare-emulator/control-plane/http/envelope.ts";
import { createContext } from "../../../../../tools/cloudflare-emulator/control-plane/index.ts";
import { ROUTES } from "../../../../../tools/cloudflare-emulator/control-plane/routes/index.ts";
import type { ScriptRecord } from "../../../../../tools/cloudflare-emulator/control-plane/state/records.ts";
import { KV_FOLDER, openKvNamespaces } from "../../../../../tools/cloudflare-emulator/kv/kv-namespaces.ts";
import { openQueues, QUEUES_FOLDER } from "../../../../../tools/cloudflare-emulator/queues/queues.ts";
import { createFakeDataPlane, type FakeDataPlane } from "./fake-data-plane.ts";

export const ACCOUNT = "0123456789abcdef0123456789abcdef";
const TOKEN = "the-token";

export interface CallOptions {
  readonly json?: unknown;
  readonly form?: FormData;
  readonly token?: string;
}

/** The API without its server, over a data plane that runs nothing. */
export interface Api {
  readonly context: Context;
  readonly dataPlane: FakeDataPlane;
  readonly logs: string[];
  /** Calls an endpoint; `target` is relative to the account, or starts with a slash. */
  call(method: string, target: string, options?: CallOptions): Promise<Outcome & { readonly result: unknown }>;
  script(name: string): ScriptRecord;
  /** A second API on the same folder, as after a restart. */
  reopen(): Api;
  remove(): void;
}

export function createApi(stateDir = mkdtempSync(path.join(tmpdir(), "control-plane-"))): Api {
  const dataPlane = createFakeDataPlane();
  const logs: string[] = [];
  const log = (line: string): void => void logs.push(line);
  const context = createContext({
    port: 0,
    stateDir,
    accountId: ACCOUNT,
    apiToken: TOKEN,
    subdomain: "emulator",
    dataPlane,
    kv: openKvNamespaces(path.join(stateDir, KV_FOLDER), Date.now),
    queues: openQueues(path.join(stateDir, QUEUES_FOLDER)),
    callLogFile: null,
    log,
    onDeployment: ({ name, deployments }) => log(`${name} ${JSON.stringify(deployments[0]?.versions)}`),
    now: () => new Date(),
    random: () => 0.5,
  });
  const dispatch = createDispatch({ routes: ROUTES, context, apiToken: TOKEN, log });
  return {
    context,
    dataPlane,
    logs,
    async call(method, target, { json, form, token = TOKEN } = {}) {
      const url = new URL(
        target.startsWith("/") ? target : `/accounts/${ACCOUNT}/workers/${target}`,
        "http://emulator",
      );
      const request = new Request(url, {
        method,
        body: form ?? (json === undefined ? null : JSON.stringify(json)),
        headers: { authorization: `Bearer ${token}` },
      });
      const body = Buffer.from(await request.arrayBuffer());
      const outcome = await dispatch({
        method,
        path: url.pathname,
        query: url.searchParams,
        headers: request.headers,
        body,
      });
      return { ...outcome, result: "result" in outcome.payload ? outcome.payload.result : undefined };
    },
    script(name) {
      const script = context.store.find(name);
      if (script === null) throw new Error(`There is no script ${name}`);
      return script;
    },
    reopen: () => createApi(stateDir),
    remove: () => rmSync(stateDir, { recursive: true, force: true }),
  };
}

/** An upload as wrangler sends it. */
export function uploadForm({
  mainModule = "index.js",
  type = "application/javascript+module",
  ...metadata
}: { mainModule?: string; type?: string; bindings?: unknown; [member: string]: unknown } = {}): FormData {
  const form = new FormData();
  form.set("metadata", JSON.stringify({ main_module: mainModule, compatibility_date: "2026-08-15", ...metadata }));
  form.set(mainModule, new File(["export default {}"], mainModule, { type }));
  return form;
}

/** Deploys a first version of `worker` and uploads more; gives all their ids, oldest first. */
export async function uploadVersions(
  api: Api,
  uploads: readonly Parameters<typeof uploadForm>[0][],
): Promise<string[]> {
  for (const [index, upload] of uploads.entries()) {
    const [method, target] = index === 0 ? ["PUT", "scripts/worker"] : ["POST", "scripts/worker/versions"];
    const { status, payload } = await api.call(method, target, { form: uploadForm(upload) });
    if (status !== 200) throw new Error(JSON.stringify(payload));
  }
  return api.script("worker").versions.map(({ id }) => id);
}

/** Makes a deployment of `worker`: ids and percentages. */
export async function deploy(api: Api, shares: Readonly<Record<string, number>>, query = "") {
  const versions = Object.entries(shares).map(([id, percentage]) => ({ version_id: id, percentage }));
  const json = { strategy: "percentage", versions, annotations: { "workers/message": "step" } };
  return await api.call("POST", `scripts/worker/deployments${query}`, { json });
}
