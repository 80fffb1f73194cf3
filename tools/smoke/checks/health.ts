import type { Check } from "../check.ts";
import { expectAnswer, expectEqual, expectTrue, memberOf } from "../expectations.ts";

/** Path of each probe, with the status that a healthy deployment reports there. */
const PROBES = [
  { path: "/health", status: "ok", checks: [] },
  { path: "/health/live", status: "ok", checks: [] },
  { path: "/ready", status: "ready", checks: ["database"] },
  { path: "/health/ready", status: "ready", checks: ["database"] },
  { path: "/health/startup", status: "started", checks: ["configuration", "migrations"] },
] as const;

/** RFC 3339 in UTC. */
export const TIMESTAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;

/** Whatever became of the file: a deployment with defaults is fit. */
const FLAGS_CHECK: Check = {
  name: "health: GET /health/flags says what each feature flag says",
  async run({ client }) {
    const answer = await client.send("GET", "/health/flags", { isAnonymous: true });
    expectAnswer(answer, { status: 200, headers: { "Content-Type": "application/json", "Cache-Control": "no-store" } });
    const flags = memberOf(answer.json, "flags");
    expectTrue("a list of flags", Array.isArray(flags));
    for (const flag of Array.isArray(flags) ? flags : [])
      expectTrue("a state of each flag", /^(?:on|off|\d{1,3}%)$/.test(String(memberOf(flag, "state"))));
  },
};

const PROBE_CHECKS: readonly Check[] = PROBES.map(({ path, status, checks }) => ({
  name: `health: GET ${path} says ${status}`,
  async run({ client }) {
    const answer = await client.send("GET", path, { isAnonymous: true });
    expectAnswer(answer, { status: 200, headers: { "Content-Type": "application/json", "Cache-Control": "no-store" } });
    expectEqual("status", memberOf(answer.json, "status"), status);
    expectTrue("timestamp in RFC 3339, UTC", TIMESTAMP.test(String(memberOf(answer.json, "timestamp"))));
    for (const check of checks)
      expectEqual(`checks.${check}`, memberOf(memberOf(answer.json, "checks"), check), "healthy");
  },
}));

export const HEALTH_CHECKS: readonly Check[] = [...PROBE_CHECKS, FLAGS_CHECK];
