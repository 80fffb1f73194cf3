import type { LocalTelemetry } from "../telemetry/local-telemetry.ts";

export interface BannerInput {
  /** Where the API answers, without a slash at the end. */
  readonly origin: string;
  readonly databaseUrl: string;
  /** A database of somebody else's, whose password is not to be shown. */
  readonly isExternalDatabase: boolean;
  readonly hasApiKey: boolean;
  /** Null when nothing is measured. */
  readonly telemetry: LocalTelemetry | null;
  /** Where RPC answers, without a slash at the end. */
  readonly rpcOrigin: string;
  readonly hasColor: boolean;
}

/** The text that greets when everything runs: where things are and what to type next. */
export function formatBanner(input: BannerInput): string {
  const { origin, databaseUrl, isExternalDatabase, hasApiKey, telemetry, rpcOrigin, hasColor } = input;
  const bold = (text: string): string => (hasColor ? `\u001B[1m${text}\u001B[22m` : text);
  const link = (text: string): string => (hasColor ? `\u001B[36m${text}\u001B[39m` : text);
  const rows = [
    ["API", link(`${origin}/api/v1/users`)],
    ["Docs", link(`${origin}/docs`)],
    ["OpenAPI", link(`${origin}/openapi.json`)],
    ["Health", link(`${origin}/health/ready`)],
    ["RPC", `${link(rpcOrigin)} (Connect, gRPC-Web: docs/rpc.md)`],
    ["Database", describeDatabase(databaseUrl, isExternalDatabase)],
    ["Access", hasApiKey ? "API key required (X-API-Key)" : "open, no API key set (API_KEY=… npm start sets one)"],
    ...(telemetry === null
      ? []
      : [
          ["Metrics", `${link(telemetry.url)} (live: npm run top)`],
          ["Token", `${telemetry.token}, for the metrics: Authorization: Bearer …`],
        ]),
  ];
  const header = hasApiKey ? " -H 'X-API-Key: YOUR_KEY'" : "";
  return [
    "",
    bold("The users API is ready."),
    ...rows.map(([name = "", value = ""]) => `  ${name.padEnd(9)} ${value}`),
    "",
    `Try: curl${header} '${origin}/api/v1/users?limit=2'`,
    "Ctrl-C stops everything.",
    "",
  ].join("\n");
}

/** psql opens with TLS and GSSAPI requests that the built-in server does not know. */
function describeDatabase(databaseUrl: string, isExternal: boolean): string {
  if (!isExternal) return `psql '${databaseUrl}?sslmode=disable&gssencmode=disable'`;
  const url = new URL(databaseUrl);
  url.password = "";
  url.search = "";
  return url.href;
}

/** Colours are for people at a terminal who did not say no. */
export function wantsColor(
  stream: { readonly isTTY?: boolean },
  env: Readonly<Record<string, string | undefined>>,
): boolean {
  return stream.isTTY === true && !env["NO_COLOR"];
}
