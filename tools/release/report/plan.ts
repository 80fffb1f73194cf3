import { describeNeeds } from "../judge/metrics/power.ts";
import type { ReleasePlan } from "../ports.ts";
import type { Preflight } from "../stages/preflight.ts";
import { describeStartup } from "../stages/startup-limit.ts";

/** What is about to happen, for people who have to agree to it. */
export function formatPlan(
  plan: ReleasePlan,
  { checkedOut, previous, startupMs }: Preflight,
  pending: readonly string[],
): string {
  const rows = [
    ["Release", `${checkedOut.commit.slice(0, 12)} ${checkedOut.subject}`],
    ["to", `${plan.worker} (${plan.env}) at ${plan.url}`],
    ["in place of", previous],
    ["starts in", describeStartup(startupMs)],
    ["migrations", pending.join(", ") || "none"],
    ["order", "telemetry and events before it where it calls something new of them, rpc behind it"],
    ["judged by", plan.metricsUrl === null ? "probes" : `probes, and all requests as ${plan.metricsUrl} counts them`],
    ...(plan.metricsUrl === null ? [] : [["", describeNeeds(plan.findOneIn)]]),
    [
      "steps",
      `0 %, smoke test, ${plan.steps.map((step) => `${step} %`).join(", ")}, each watched for ${plan.bakeMs / 1000} s`,
    ],
  ];
  return rows.map(([name = "", value = ""]) => `  ${name.padEnd(12)}${value}`).join("\n");
}
