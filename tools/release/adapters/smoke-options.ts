import type { SmokeOptions } from "../../smoke/options.ts";
import { overrideHeaders } from "../measure/version-override.ts";

export interface ReleaseSmoke {
  readonly url: string;
  readonly worker: string;
  readonly apiKey: string;
  readonly versionId: string;
  readonly isReadOnly: boolean;
}

const TIMEOUT_MS = 10_000;

/**
 * A smoke test of one version of the live deployment. An override that cannot be followed is ignored without a word, so
 * every answer has to name the version: else the test would prove that the old one works.
 */
export function smokeOptionsFor({ url, worker, apiKey, versionId, isReadOnly }: ReleaseSmoke): SmokeOptions {
  return {
    url,
    apiKey,
    headers: Object.entries(overrideHeaders(worker, versionId)),
    expectVersion: versionId,
    isReadOnly,
    hasCleanup: true,
    timeoutMs: TIMEOUT_MS,
  };
}
