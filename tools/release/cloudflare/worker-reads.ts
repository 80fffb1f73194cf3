import { z } from "zod";

import { describeCause } from "../measure/send-probe.ts";
import { ControlPlaneError } from "./control-plane.ts";

export interface ReadOptions {
  readonly apiBaseUrl: string;
  readonly apiToken: string;
  readonly accountId: string;
  /** Name of the Worker in the account. */
  readonly scriptName: string;
  readonly signal: AbortSignal;
  readonly fetch?: typeof fetch;
}

const TIMEOUT_MS = 10_000;
/** Cloudflare's code for "no such Worker". */
const UNKNOWN_WORKER = 10_007;

const envelope = z.object({
  success: z.boolean(),
  errors: z.array(z.object({ code: z.number(), message: z.string() })).default([]),
  result: z.unknown(),
});
const service = z.object({
  default_environment: z.object({ script: z.object({ migration_tag: z.string().nullish() }) }),
});
const version = z.object({
  resources: z.object({
    bindings: z.array(z.looseObject({ name: z.string(), type: z.string(), text: z.string().optional() })),
  }),
});

/**
 * Tag of the last class migration that was applied to a Worker, null when none was: `GET /accounts/…/workers/services/…`, which wrangler
 * asks as well before it decides which migrations to send.
 */
export async function readAppliedTag(options: ReadOptions): Promise<string | null> {
  const result = await read("Reading the class migrations", `services/${options.scriptName}`, options);
  const { data } = service.safeParse(result);
  if (data === undefined) throw new ControlPlaneError("The Worker's class migrations cannot be read.");
  return data.default_environment.script.migration_tag ?? null;
}

/** The plain variables of a version: `GET /accounts/…/workers/scripts/…/versions/…`. */
export async function readVariables(versionId: string, options: ReadOptions): Promise<ReadonlyMap<string, string>> {
  const target = `scripts/${options.scriptName}/versions/${versionId}`;
  const { data } = version.safeParse(await read("Reading the version", target, options));
  if (data === undefined) throw new ControlPlaneError("The version's variables cannot be read.");
  const plain = data.resources.bindings.filter(({ type }) => type === "plain_text");
  return new Map(plain.map(({ name, text = "" }) => [name, text]));
}

/** @throws ControlPlaneError with Cloudflare's own words, or the signal's reason */
async function read(task: string, target: string, options: ReadOptions): Promise<unknown> {
  const { apiBaseUrl, accountId, apiToken, signal, fetch: send = fetch } = options;
  try {
    const response = await send(`${apiBaseUrl}/accounts/${accountId}/workers/${target}`, {
      headers: { authorization: `Bearer ${apiToken}` },
      redirect: "error",
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    });
    const { success, errors, result } = envelope.parse(await response.json());
    if (success) return result;
    if (errors.some(({ code }) => code === UNKNOWN_WORKER))
      throw new ControlPlaneError(`There is no ${options.scriptName}.`);
    throw new Error(errors.map(({ code, message }) => `${message} [code: ${code}]`).join("; "));
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof ControlPlaneError) throw error;
    throw new ControlPlaneError(
      `${task} by Cloudflare's API failed: ${describeCause(error)}`.replaceAll(apiToken, "***"),
    );
  }
}
