import { z } from "zod";

import type { Accounts } from "../command/environment.ts";

const answer = z.object({ result: z.object({ subdomain: z.string() }) });
const TIMEOUT_MS = 30_000;

/**
 * Where a Worker of the account answers, without a domain of its own.
 * @see https://developers.cloudflare.com/api/resources/workers/subresources/subdomains/
 */
export async function findWorkerAddress(worker: string, cloudflare: Accounts["cloudflare"]): Promise<string> {
  const { apiBaseUrl, accountId, apiToken } = cloudflare;
  const response = await fetch(`${apiBaseUrl}/accounts/${accountId}/workers/subdomain`, {
    headers: { authorization: `Bearer ${apiToken}` },
    redirect: "error",
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (!response.ok) {
    throw new Error(
      `Cloudflare answered the question for the subdomain of workers.dev with ${response.status}. Run the command again.`,
    );
  }
  const { result } = answer.parse(await response.json());
  return `https://${worker}.${result.subdomain}.workers.dev`;
}
