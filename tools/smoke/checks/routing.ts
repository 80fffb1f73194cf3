import type { Check } from "../check.ts";
import { CheckFailure, expectAnswer, expectEqual, expectProblem, expectTrue } from "../expectations.ts";
import { USERS } from "../test-users.ts";
import { ABSENT_ID } from "./users-read.ts";

/** Methods of each path, and one that it does not have. */
const ROUTES = [
  { path: "/health", allow: ["GET", "HEAD", "OPTIONS"], refused: "POST" },
  { path: USERS, allow: ["GET", "HEAD", "OPTIONS", "POST"], refused: "PUT" },
  { path: `${USERS}/id/${ABSENT_ID}`, allow: ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH"], refused: "PUT" },
  { path: `${USERS}/username/nobody`, allow: ["GET", "HEAD", "OPTIONS"], refused: "DELETE" },
] as const;

const UNKNOWN_PATHS = ["/no-such-path", "/api/v1", "/api/v2/users", `${USERS}/no-such-path`, `${USERS}/id`];
const HOSTILE_PATHS = [
  `${USERS}/%2e%2e%2f%2e%2e%2fetc`,
  `${USERS}/id/%ff`,
  `${USERS}/username/${"a".repeat(5_000)}`,
  "/%c0%af",
];

export const ROUTING_CHECKS: readonly Check[] = [
  {
    name: "routing: an unknown path is refused with 404",
    async run({ client }) {
      for (const path of UNKNOWN_PATHS) expectProblem(await client.send("GET", path), 404, "route-not-found");
    },
  },
  {
    name: "routing: unknown paths are told before credentials are asked for",
    async run({ client }) {
      const answer = await client.send("GET", `${USERS}/no-such-path`, { isAnonymous: true });
      expectProblem(answer, 404, "route-not-found");
    },
  },
  {
    name: "routing: hostile paths are refused with a 4xx problem",
    async run({ client }) {
      for (const path of HOSTILE_PATHS) {
        const { status } = await client.send("GET", path);
        if (status < 400 || status > 499)
          throw new CheckFailure([`GET ${path.slice(0, 60)}: expected a 4xx, saw ${status}`]);
      }
    },
  },
  ...ROUTES.map(
    ({ path, allow, refused }) =>
      ({
        name: `routing: ${refused} ${path} is refused with 405 and Allow, without credentials`,
        mayWrite: true,
        async run({ client }) {
          const answer = await client.send(refused, path, { isAnonymous: true });
          expectProblem(answer, 405, "method-not-allowed");
          expectEqual("Allow", splitList(answer.headers.get("Allow")), allow);
        },
      }) satisfies Check,
  ),
  ...ROUTES.map(
    ({ path, allow }) =>
      ({
        name: `routing: OPTIONS ${path} answers 204 with Allow`,
        async run({ client }) {
          const answer = await client.send("OPTIONS", path, { isAnonymous: true });
          expectAnswer(answer, { status: 204 });
          expectEqual("Allow", splitList(answer.headers.get("Allow")), allow);
        },
      }) satisfies Check,
  ),
  {
    name: "routing: an Accept header without JSON is refused with 406",
    async run({ client }) {
      for (const accept of ["text/html", "application/json;q=0"]) {
        expectProblem(await client.send("GET", USERS, { headers: { Accept: accept } }), 406, "not-acceptable");
      }
    },
  },
  {
    name: "routing: Accept headers that include JSON are served",
    async run({ client }) {
      for (const accept of ["application/json", "text/html, application/*;q=0.5", "*/*"]) {
        const answer = await client.send("GET", `${USERS}?limit=1`, { headers: { Accept: accept } });
        expectAnswer(answer, { status: 200, headers: { "Content-Type": "application/json" } });
      }
    },
  },
  {
    name: "routing: HEAD of a list and of a probe mirrors GET",
    async run({ client }) {
      for (const path of [USERS, "/health"]) {
        const answer = await client.send("HEAD", path);
        expectAnswer(answer, { status: 200, headers: { "Content-Type": "application/json" } });
        expectTrue(`no body for HEAD ${path}`, answer.text === "");
      }
    },
  },
];

function splitList(header: string | null): string[] {
  return (header ?? "")
    .split(",")
    .map((item) => item.trim())
    .toSorted();
}
