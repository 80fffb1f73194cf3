import { on } from "node:events";

import { z } from "zod";

import { ControlPlaneError } from "../../cloudflare/control-plane.ts";
import { describeCause } from "../../measure/send-probe.ts";
import { type Invocation, parseInvocation } from "./invocation.ts";

export interface VersionLogOptions {
  readonly apiBaseUrl: string;
  readonly apiToken: string;
  readonly accountId: string;
  /** Name of the Worker in the account. */
  readonly scriptName: string;
}

/** The live log of a Worker, as `wrangler tail` follows it. */
export interface VersionLog {
  /** Opens it and closes it again. @throws ControlPlaneError when it cannot be read */
  check(signal: AbortSignal): Promise<void>;
  /** Invocations of one version, as they end, until so much time has passed. @throws ControlPlaneError, or the signal's reason */
  follow(versionId: string, forMs: number, signal: AbortSignal): AsyncIterable<Invocation>;
}

const PROTOCOL = "trace-v1";
const TIMEOUT_MS = 10_000;

const opened = z.object({ success: z.literal(true), result: z.object({ id: z.string(), url: z.string() }) });

interface Tail {
  readonly url: string;
  close(): Promise<void>;
}

export function openVersionLog(options: VersionLogOptions): VersionLog {
  return {
    async check(signal) {
      const tail = await openTail(options, [], signal);
      await tail.close();
    },
    async *follow(versionId, forMs, signal) {
      const tail = await openTail(options, [{ scriptVersion: versionId }], signal);
      try {
        for await (const text of listen(tail.url, forMs, signal)) {
          const invocation = parseInvocation(text);
          if (invocation?.versionId === versionId) yield invocation;
        }
      } finally {
        await tail.close();
      }
    },
  };
}

/** `POST /accounts/…/workers/scripts/…/tails`, as `wrangler tail` does. */
async function openTail(options: VersionLogOptions, filters: readonly object[], signal: AbortSignal): Promise<Tail> {
  const { apiBaseUrl, accountId, scriptName, apiToken } = options;
  const tails = `${apiBaseUrl}/accounts/${accountId}/workers/scripts/${encodeURIComponent(scriptName)}/tails`;
  const send = (url: string, init: RequestInit): Promise<Response> =>
    fetch(url, {
      ...init,
      headers: { authorization: `Bearer ${apiToken}`, "content-type": "application/json" },
      redirect: "error",
    });
  try {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]);
    const response = await send(tails, { method: "POST", body: JSON.stringify({ filters }), signal: limit });
    const { data } = opened.safeParse(await response.json());
    if (data === undefined) throw new Error(`HTTP ${response.status}`);
    const { id, url } = data.result;
    return {
      url,
      // It ends by itself as well, some hours later.
      async close() {
        const init = { method: "DELETE", signal: AbortSignal.timeout(TIMEOUT_MS) };
        await send(`${tails}/${id}`, init).then(
          (answer) => answer.body?.cancel(),
          () => undefined,
        );
      },
    };
  } catch (error) {
    signal.throwIfAborted();
    const cause = describeCause(error).replaceAll(apiToken, "***");
    throw new ControlPlaneError(
      `The log of ${scriptName} cannot be read (${cause}). Does the API token have the permission Workers Tail: Read?`,
    );
  }
}

/** What the tail says, until it ends or the time is over. */
async function* listen(url: string, forMs: number, signal: AbortSignal): AsyncIterable<string> {
  const time = AbortSignal.timeout(forMs);
  const socket = new WebSocket(url, PROTOCOL);
  socket.binaryType = "arraybuffer";
  socket.addEventListener("open", () => socket.send(JSON.stringify({ debug: false })));
  try {
    const messages = on(socket, "message", { signal: AbortSignal.any([signal, time]), close: ["close", "error"] });
    for await (const [{ data }] of messages) yield typeof data === "string" ? data : new TextDecoder().decode(data);
    signal.throwIfAborted();
    if (!time.aborted) throw new ControlPlaneError("The connection to the log has ended too soon.");
  } catch (error) {
    signal.throwIfAborted();
    if (!time.aborted) throw error;
  } finally {
    socket.close();
  }
}
