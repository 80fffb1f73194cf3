import { execFileSync } from "node:child_process";
import path from "node:path";

import { type RunningDataPlane, startDataPlane } from "../../tools/cloudflare-emulator/data-plane/index.ts";
import type { Version } from "../../tools/cloudflare-emulator/model.ts";
import { makeVersions, type VersionMaker, type VersionParts } from "./versions.ts";

export const SUBDOMAIN = "example";
/** For `expect.poll`: a busy machine may take its time. */
export const POLL = { timeout: 15_000, interval: 20 };

/** Says which version it is, and does what its path says. */
const VERSATILE_WORKER = `
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
export default {
  async fetch(request, env, ctx) {
    const url = new URL(request.url);
    const version = env.META.id.slice(0, 8);
    switch (url.pathname) {
      case "/request":
        return Response.json({ url: request.url, headers: Object.fromEntries(request.headers) });
      case "/limit":
        return Response.json(await env.LIMITER.limit({ key: url.search }));
      case "/late":
        ctx.waitUntil(sleep(800).then(() => console.log("late work done")));
        return new Response("early");
      case "/throw":
        console.log("about to throw", { status: 1 });
        throw new RangeError("planned");
      case "/refuse":
        return new Response("too large", { status: 413 });
      case "/wait":
        await sleep(60_000);
        break;
      case "/hang":
        return new Response(new ReadableStream({ pull: () => sleep(60_000) }));
      case "/cookies":
        return new Response(null, { headers: [["Set-Cookie", "a=1"], ["Set-Cookie", "b=2"], ["X-Length", "7"]] });
      case "/service":
        return env.OTHER.fetch("http://other/", request);
      case "/socket": {
        const [client, server] = Object.values(new WebSocketPair());
        server.accept();
        server.addEventListener("message", ({ data }) => server.send(version + " " + data));
        return new Response(null, { status: 101, webSocket: client });
      }
    }
    return new Response(version);
  },
  scheduled({ cron }) {
    console.log("cron " + cron);
  },
};`;

const BINDINGS = [
  { name: "META", type: "version_metadata" },
  { name: "LIMITER", type: "ratelimit", namespace_id: "1001", simple: { limit: 2, period: 60 } },
  { name: "OTHER", type: "service", service: "other" },
];

/** A data plane for a test file, with versions to run on it. */
export interface DataPlaneStack {
  readonly make: VersionMaker;
  readonly dataPlane: RunningDataPlane;
  /** What it logged so far, others of the same stack included. */
  readonly lines: readonly string[];
  /** Makes a version of the versatile Worker. */
  version(parts?: VersionParts): Version;
  /** Sends a request to a script's own port. */
  fetch(script: string, resource: string, init?: RequestInit): Promise<Response>;
  /** Starts another one, whose state is kept in a folder of this name. */
  start(folder: string, options?: { readonly drainTimeoutMs?: number }): Promise<RunningDataPlane>;
  stop(): Promise<void>;
}

export async function startDataPlaneStack(): Promise<DataPlaneStack> {
  const make = makeVersions();
  const lines: string[] = [];
  const log = (line: string): void => void lines.push(line);
  const start: DataPlaneStack["start"] = (folder, options) =>
    startDataPlane({
      port: 0,
      stateDir: path.join(make.folder, folder),
      subdomain: SUBDOMAIN,
      log,
      warmVersions: 0,
      ...options,
    });
  const dataPlane = await start("main");
  return {
    make,
    dataPlane,
    lines,
    start,
    version: (parts) => make.version(VERSATILE_WORKER, { bindings: BINDINGS, ...parts }),
    fetch: (script, resource, init) => fetch(new URL(resource, dataPlane.originOf(script) ?? ""), init),
    async stop() {
      await dataPlane.close();
      make.dispose();
    },
  };
}

/** The processes of the runtime that this one started. */
export function runtimeProcesses(): number[] {
  const table = execFileSync("ps", ["-A", "-o", "pid=,ppid=,comm="], { encoding: "utf8" });
  return table.split("\n").flatMap((row) => {
    const [pid, parent, command = ""] = row.trim().split(/\s+/);
    return Number(parent) === process.pid && command.includes("workerd") ? [Number(pid)] : [];
  });
}
