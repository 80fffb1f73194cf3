import type { Emulator } from "../emulator.ts";
import type { Script } from "../model.ts";

export type ServedEmulator = Pick<Emulator, "apiUrl" | "apiToken" | "accountId" | "proxyUrl" | "subdomain">;

export interface Greeting {
  /** Who reads it: `wrangler`. */
  readonly reader: string;
  /** `NAME=value`, beside what leads wrangler to the emulator. */
  readonly exports: readonly string[];
  /** Lines about what to type next. */
  readonly examples: readonly string[];
  /** Name of a Worker, for the example of a request. */
  readonly worker: string;
}

const FOR_WRANGLER: Greeting = {
  reader: "wrangler",
  exports: [],
  examples: [
    "Then, in the project of a Worker, for example:",
    "  npx wrangler deploy",
    "  npx wrangler versions upload",
    "  npx wrangler versions deploy NEW_ID@10% OLD_ID@90% -y",
    "  npx wrangler rollback OLD_ID -y",
    "  npx wrangler tail",
  ],
  worker: "NAME",
};

/** What to export and what to type, complete enough to be copied. */
export function formatGreeting(emulator: ServedEmulator, greeting: Greeting = FOR_WRANGLER): string {
  const { reader, exports, examples, worker } = greeting;
  const host = `${worker}.${emulator.subdomain}.workers.dev`;
  return [
    "",
    `The emulated Cloudflare is ready. Export this, in the terminal where ${reader} is to run:`,
    ...[...exportsFor(emulator), ...exports].map((line) => `  export ${line}`),
    "",
    ...examples,
    "",
    `Workers by Host   curl -H 'Host: ${host}' ${emulator.proxyUrl}/`,
    `Control           curl ${new URL("/__emulator/state", emulator.apiUrl).href} (also calls, faults, cron)`,
    "Ctrl-C stops everything; what was deployed is kept.",
    "",
  ].join("\n");
}

function exportsFor({ apiUrl, apiToken, accountId }: ServedEmulator): readonly string[] {
  return [
    `CLOUDFLARE_API_BASE_URL=${apiUrl}`,
    `CLOUDFLARE_API_TOKEN=${apiToken}`,
    `CLOUDFLARE_ACCOUNT_ID=${accountId}`,
    "WRANGLER_SEND_METRICS=false",
    "WRANGLER_SEND_ERROR_REPORTS=false",
  ];
}

/** One line about what of a script is live: `name  1a2b3c4d 10 %  5e6f7a8b 90 %  http://127.0.0.1:PORT`. */
export function formatDeployment(
  { name, deployments }: Pick<Script, "name" | "deployments">,
  origin: string | null,
): string {
  const shares =
    deployments[0]?.versions.map(({ versionId, percentage }) => `${versionId.slice(0, 8)} ${percentage} %`) ?? [];
  return [name, ...shares, ...(origin === null ? [] : [origin])].join("  ");
}
