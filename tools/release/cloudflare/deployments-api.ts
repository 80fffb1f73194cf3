import { z } from "zod";

import { describeCause } from "../measure/send-probe.ts";
import { type ControlPlane, ControlPlaneError } from "./control-plane.ts";
import { deploymentsSchema } from "./deployment-schema.ts";
import { fitMessage } from "./messages.ts";
import { findRefusal } from "./wrangler-answers.ts";

/** What giving traffic back takes. */
export type RecoveryControlPlane = Pick<ControlPlane, "deployments" | "rollBack">;

export interface DeploymentsApiOptions {
  readonly apiBaseUrl: string;
  readonly apiToken: string;
  readonly accountId: string;
  /** Name of the Worker in the account. */
  readonly scriptName: string;
  /** Ends calls that only read. */
  readonly signal?: AbortSignal;
  readonly fetch?: typeof fetch;
}

/** Longest wait for one answer: there is another way, and users may be suffering. */
const TIMEOUT_MS = 5_000;

/** Cloudflare's codes for "no such Worker", and for a rollback that would change secrets. */
const [UNKNOWN_WORKER, SECRETS_CHANGED] = [10_007, 10_220];

const SHOWN_LENGTH = 500;

const envelopeSchema = z.object({
  success: z.boolean(),
  errors: z.array(z.object({ code: z.number(), message: z.string() })).default([]),
  result: z.unknown(),
});

interface Call {
  readonly task: string;
  readonly method: "GET" | "POST";
  readonly query?: string;
  readonly body?: object;
}

interface Answer {
  readonly status: number;
  readonly errors: z.infer<typeof envelopeSchema>["errors"];
  readonly isDone: boolean;
  readonly result: unknown;
}

/**
 * The deployments of one Worker through Cloudflare's API itself, as wrangler calls it: `/accounts/…/workers/scripts/…/deployments`.
 * A call takes as long as its answer, where wrangler first has to start. See developers.cloudflare.com/api for the endpoint.
 */
export function createDeploymentsApi(options: DeploymentsApiOptions): RecoveryControlPlane {
  return {
    async deployments() {
      const call = { task: "Reading the deployments", method: "GET" } as const;
      const answer = await send(call, options);
      if (answer.errors.some(({ code }) => code === UNKNOWN_WORKER)) return [];
      const { data, success } = z
        .object({ deployments: deploymentsSchema })
        .safeParse(assertDone(call, answer, options).result);
      if (success) return data.deployments;
      throw new ControlPlaneError(`${call.task} gave an answer that cannot be read.`);
    },
    async rollBack(versionId, message) {
      const body = {
        strategy: "percentage",
        versions: [{ version_id: versionId, percentage: 100 }],
        annotations: { "workers/message": fitMessage(message) },
      };
      const call = { task: `Rolling back to ${versionId}`, method: "POST", body } as const;
      const answer = await send(call, options);
      // The old version's secrets are part of what is gone back to: wrangler insists, too.
      const isAboutSecrets = answer.errors.some(({ code }) => code === SECRETS_CHANGED);
      assertDone(call, isAboutSecrets ? await send({ ...call, query: "?force=true" }, options) : answer, options);
    },
  };
}

async function send(call: Call, options: DeploymentsApiOptions): Promise<Answer> {
  const { apiBaseUrl, accountId, scriptName } = options;
  const { task, method, query = "" } = call;
  const url = `${apiBaseUrl}/accounts/${accountId}/workers/scripts/${encodeURIComponent(scriptName)}/deployments${query}`;
  const stop = method === "GET" && options.signal !== undefined ? [options.signal] : [];
  try {
    const signal = AbortSignal.any([AbortSignal.timeout(TIMEOUT_MS), ...stop]);
    const response = await (options.fetch ?? fetch)(url, { ...requestOf(call, options), signal });
    return readAnswer(response, await response.text());
  } catch (error) {
    for (const signal of stop) signal.throwIfAborted();
    throw new ControlPlaneError(`${task} by Cloudflare's API failed: ${describeCause(error)}.`);
  }
}

function requestOf({ method, body }: Call, { apiToken }: DeploymentsApiOptions): RequestInit {
  return {
    method,
    headers: { authorization: `Bearer ${apiToken}`, "content-type": "application/json" },
    body: body === undefined ? null : JSON.stringify(body),
    // The token is for this address alone.
    redirect: "error",
  };
}

/** What is no answer of the API, such as a proxy's page, has neither errors nor a result. */
function readAnswer({ status, ok }: Response, text: string): Answer {
  const { errors = [], result, success = false } = envelopeSchema.safeParse(parseJson(text)).data ?? {};
  return { status, errors, isDone: ok && success, result };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** @throws ControlPlaneError with Cloudflare's own words */
function assertDone({ task }: Call, answer: Answer, { apiToken }: DeploymentsApiOptions): Answer {
  if (answer.isDone) return answer;
  const words = answer.errors.map(({ code, message }) => `${message.trim()} [code: ${code}]`).join("; ");
  const said = words.slice(0, SHOWN_LENGTH).replaceAll(apiToken, "***");
  throw new ControlPlaneError(
    `${task} by Cloudflare's API failed: HTTP ${answer.status} ${said}`.trimEnd(),
    findRefusal(words),
  );
}
