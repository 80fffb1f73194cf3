import { randomBytes } from "node:crypto";

import type { Check } from "../check.ts";
import { CheckFailure, expectAnswer, expectEqual, expectTrue } from "../expectations.ts";

const TRACE_PARENT = /^00-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$/;

/** Reserved by RFC 2606: no deployment can have meant to admit it. */
const FOREIGN_ORIGIN = "https://smoke.invalid";

export const HEADER_CHECKS: readonly Check[] = [
  {
    name: "headers: a harmless X-Request-ID is echoed",
    async run({ client }) {
      for (const id of [`smoke.${randomBytes(8).toString("hex")}_-`, "a".repeat(128)]) {
        const answer = await client.send("GET", "/health", { headers: { "X-Request-ID": id } });
        expectAnswer(answer, { status: 200, headers: { "X-Request-ID": id } });
      }
    },
  },
  {
    name: "headers: any other X-Request-ID is replaced by a new one",
    async run({ client }) {
      const ids = new Set<string | null>();
      const given = ["two words", "a".repeat(129), '"quoted"', "<script>"];
      for (const id of given) {
        const { headers } = await client.send("GET", "/health", { headers: { "X-Request-ID": id } });
        ids.add(headers.get("X-Request-ID"));
      }
      expectEqual("distinct new ids", ids.size, given.length);
      for (const id of given) expectTrue("the given id not to come back", !ids.has(id));
    },
  },
  {
    name: "headers: requests without an X-Request-ID get distinct ones",
    async run({ client }) {
      const first = await client.send("GET", "/health");
      const second = await client.send("GET", "/health");
      expectTrue("distinct ids", first.headers.get("X-Request-ID") !== second.headers.get("X-Request-ID"));
    },
  },
  {
    name: "headers: a valid traceparent is continued, an invalid one restarted",
    async run({ client }) {
      const traceId = randomBytes(16).toString("hex");
      const traceOf = async (traceparent: string): Promise<string> => {
        const { headers } = await client.send("GET", "/health", { headers: { traceparent } });
        const [, seen] = TRACE_PARENT.exec(headers.get("traceparent") ?? "") ?? [];
        if (seen === undefined)
          throw new CheckFailure([`expected a traceparent, saw ${headers.get("traceparent") ?? "none"}`]);
        return seen;
      };
      expectEqual("trace id", await traceOf(`00-${traceId}-${randomBytes(8).toString("hex")}-01`), traceId);
      expectTrue("another trace id", (await traceOf(`00-${traceId}-0000000000000000-01`)) !== traceId);
    },
  },
  {
    name: "headers: a foreign origin is admitted by no CORS header",
    async run({ client }) {
      const headers = { Origin: FOREIGN_ORIGIN, "Access-Control-Request-Method": "POST" };
      const simple = await client.send("GET", "/health", { headers });
      expectAnswer(simple, { status: 200, headers: { "Access-Control-Allow-Origin": null } });
      const preflight = await client.send("OPTIONS", "/api/v1/users", { headers, isAnonymous: true });
      expectAnswer(preflight, { status: preflight.status, headers: { "Access-Control-Allow-Origin": null } });
    },
  },
];
