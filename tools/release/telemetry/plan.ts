import { describeStartup } from "../stages/startup-limit.ts";
import { describeMigration } from "./class-migrations.ts";
import type { Found, TelemetryPlan } from "./ports.ts";

/** What is about to happen, for people who have to agree to it. */
export function formatTelemetryPlan({ worker, env, url }: TelemetryPlan, found: Found): string {
  const { checkedOut, previous, startupMs, pending } = found;
  const rows = [
    ["Release", `${checkedOut.commit.slice(0, 12)} ${checkedOut.subject}`],
    ["to", `${worker} (${env}) at ${url}`],
    ["in place of", previous],
    ["starts in", describeStartup(startupMs)],
    ["classes", pending.map(describeMigration).join(", ") || "no new migration"],
    ...(pending.length === 0 ? GRADUAL : AT_ONCE),
  ];
  return rows.map(([name = "", value = ""]) => `  ${name.padEnd(12)}${value}`).join("\n");
}

const GRADUAL = [
  ["steps", "0 % and a look at /metrics through the override; then 100 %, and another look"],
  ["", "Steps in between show nothing: no user is there, and each object runs one version anyway."],
  ["way back", "the version before, by itself when a look fails"],
];

const AT_ONCE = [
  ["steps", "wrangler deploy, which applies the class migration and gives the version everything at once"],
  [
    "",
    "It cannot be gradual: Cloudflare refuses such a version as an upload (10211), for classes change for the whole Worker.",
  ],
  [
    "way back",
    "NONE past the migration: Cloudflare deploys no version from before it. What is wrong is mended forwards.",
  ],
  ["", "Nothing is lost meanwhile: the API keeps what telemetry does not acknowledge for half an hour."],
];
