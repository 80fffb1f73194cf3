import { describeStartup } from "../stages/startup-limit.ts";
import { describeMigration } from "./class-migrations.ts";
import { type Companion, configOf, type Row } from "./companion.ts";
import type { CompanionPlan, Found } from "./ports.ts";

/** What is about to happen, for people who have to agree to it. */
export function formatCompanionPlan(companion: Companion, plan: CompanionPlan, found: Found): string {
  const { worker, env, url } = plan;
  const { checkedOut, previous, startupMs, pending } = found;
  const rows: readonly Row[] = [
    ["Release", `${checkedOut.commit.slice(0, 12)} ${checkedOut.subject}`],
    ["to", `${worker} (${env})${url === "" ? ", which has no address" : ` at ${url}`}`],
    ["in place of", previous],
    ["starts in", describeStartup(startupMs)],
    ["classes", pending.map(describeMigration).join(", ") || "no new migration"],
    ["order", companion.texts.order],
    ...(pending.length === 0 ? gradual(companion) : atOnce(companion)),
  ];
  return rows.map(([name, value]) => `  ${name.padEnd(14)}${value}`).join("\n");
}

function gradual(companion: Companion): readonly Row[] {
  const { steps } = companion.texts;
  const triggers: Row[] = [
    ["not versioned", `cron triggers, and the queue's consumer: from ${configOf(companion)}, when the look has passed`],
    ["", "They are not gradual, and no rollback takes them back (wrangler triggers deploy)."],
  ];
  return [
    ...steps,
    ...(companion.hasTriggers ? triggers : []),
    ["way back", "the version before, by itself when a look fails"],
  ];
}

function atOnce({ hasTriggers, texts }: Companion): readonly Row[] {
  const everything = hasTriggers ? "everything at once, with its triggers" : "everything at once";
  return [
    ["steps", `wrangler deploy, which applies the class migration and gives the version ${everything}`],
    [
      "",
      "It cannot be gradual: Cloudflare refuses such a version as an upload (10211), for classes change for the whole Worker.",
    ],
    [
      "way back",
      "NONE past the migration: Cloudflare deploys no version from before it. What is wrong is mended forwards.",
    ],
    ["", `Meanwhile: ${texts.meanwhile}.`],
  ];
}
