import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { UsageError } from "../../command/usage-error.ts";
import { explainFailure } from "../../release/cloudflare/wrangler-answers.ts";
import { runWrangler } from "../../release/cloudflare/wrangler-process.ts";

const CLOUDFLARE_API = "https://api.cloudflare.com/client/v4";
/** What wrangler sends in one piece; larger files need R2's S3 API (multipart upload). */
export const MAX_OBJECT_BYTES = 300 * 1024 * 1024;
const MAX_TRANSFER_MS = 1_800_000; // 300 MiB over a line of 1.5 Mbit/s.

/** Objects of Cloudflare R2, through the pinned wrangler. */
export interface ObjectStorage {
  /** @throws Error with wrangler's words */
  put(bucket: string, key: string, file: string, signal: AbortSignal): Promise<void>;
  /** Writes the object into `file`. @throws Error with wrangler's words */
  get(bucket: string, key: string, file: string, signal: AbortSignal): Promise<void>;
}

/**
 * Reads credentials from the environment, which are the same as for releases.
 * @throws UsageError that names what is missing, never a value
 */
export function openR2(environment: Readonly<Record<string, string | undefined>>): ObjectStorage {
  const apiToken = environment["CLOUDFLARE_API_TOKEN"] ?? "";
  const accountId = environment["CLOUDFLARE_ACCOUNT_ID"] ?? "";
  const missing = Object.entries({ CLOUDFLARE_API_TOKEN: apiToken, CLOUDFLARE_ACCOUNT_ID: accountId });
  const names = missing.filter(([, value]) => value === "").map(([name]) => name);
  if (names.length > 0) throw new UsageError(`missing in the environment, for R2: ${names.join(", ")}`);
  const apiBaseUrl = readBaseUrl(environment["CLOUDFLARE_API_BASE_URL"] || CLOUDFLARE_API);
  const run = async (action: "put" | "get", place: string, file: string, signal: AbortSignal): Promise<void> => {
    // An empty folder: no wrangler.toml and no .env has a say.
    const cwd = await mkdtemp(path.join(tmpdir(), "wrangler-r2-"));
    try {
      const args = ["r2", "object", action, place, "--file", path.resolve(file), "--remote"];
      const options = { cwd, environment, apiBaseUrl, apiToken, accountId };
      // An upload that is cut off leaves no object, so it may end with us as a download does.
      const { exitCode, output } = await runWrangler(args, options, {
        isRead: true,
        signal,
        maxRunMs: MAX_TRANSFER_MS,
      });
      signal.throwIfAborted();
      if (exitCode !== 0)
        throw new Error(`wrangler r2 object ${action} ${place} failed: ${explainFailure(output, [apiToken])}`);
    } finally {
      await rm(cwd, { recursive: true, force: true });
    }
  };
  return {
    put: (bucket, key, file, signal) => run("put", `${bucket}/${key}`, file, signal),
    get: (bucket, key, file, signal) => run("get", `${bucket}/${key}`, file, signal),
  };
}

/** A database must not go elsewhere, or in the clear, because a variable was still exported. */
function readBaseUrl(text: string): string {
  const url = URL.parse(text);
  if (text === CLOUDFLARE_API || /^(127\.\d+\.\d+\.\d+|localhost|\[::1\])$/.test(url?.hostname ?? "")) return text;
  throw new UsageError(`CLOUDFLARE_API_BASE_URL must be unset, ${CLOUDFLARE_API}, or an address on this machine`);
}

/** @throws UsageError for what is no name of a bucket */
export function parseBucket(text: string, flag: string): string {
  if (/^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/.test(text)) return text;
  throw new UsageError(
    `${flag} must name a bucket of R2: 3 to 63 lower-case letters, digits and hyphens, not "${text}"`,
  );
}
