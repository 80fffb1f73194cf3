import type { Check } from "../check.ts";
import { CheckFailure, expectAnswer, expectEqual, expectProblem, expectTrue, memberOf } from "../expectations.ts";

/** Every path of the contract, as the OpenAPI document writes it. */
const PATHS = {
  "/": ["get"],
  "/health": ["get"],
  "/health/live": ["get"],
  "/ready": ["get"],
  "/health/ready": ["get"],
  "/health/startup": ["get"],
  "/health/flags": ["get"],
  "/openapi.json": ["get"],
  "/docs": ["get"],
  "/problems/{code}": ["get"],
  "/api/v1/users": ["get", "post"],
  "/api/v1/users/id/{id}": ["get", "patch", "delete"],
  "/api/v1/users/username/{username}": ["get"],
} as const;

const LINKED_PATHS = ["/docs", "/openapi.json", "/health"];

export const DOCUMENTATION_CHECKS: readonly Check[] = [
  {
    name: "documentation: GET / names the service and links to docs, OpenAPI and health",
    async run({ client }) {
      const answer = await client.send("GET", "/", { isAnonymous: true });
      expectAnswer(answer, { status: 200, headers: { "Content-Type": "application/json" } });
      for (const name of ["name", "version"])
        expectTrue(`${name} to be a text`, typeof memberOf(answer.json, name) === "string");
      const links = Object.values(memberOf(answer.json, "links") ?? {});
      for (const path of LINKED_PATHS) expectTrue(`a link to ${path}`, links.includes(path));
    },
  },
  {
    name: "documentation: GET /openapi.json is OpenAPI 3.1 and describes every endpoint",
    async run({ client }) {
      const answer = await client.send("GET", "/openapi.json", { isAnonymous: true });
      expectAnswer(answer, { status: 200, headers: { "Content-Type": /^application\/json\b/ } });
      expectTrue("openapi to be 3.1.x", /^3\.1\.\d+$/.test(String(memberOf(answer.json, "openapi"))));
      const paths = memberOf(answer.json, "paths");
      const missing = Object.entries(PATHS).flatMap(([path, methods]) =>
        methods
          .filter((method) => memberOf(memberOf(paths, path), method) === undefined)
          .map((method) => `${method} ${path}`),
      );
      expectEqual("operations missing from the document", missing, []);
    },
  },
  {
    name: "documentation: GET /docs and all it loads come from this origin",
    async run({ client }) {
      const page = await client.send("GET", "/docs", { isAnonymous: true });
      expectAnswer(page, {
        status: 200,
        headers: { "Content-Type": /^text\/html\b/, "Content-Security-Policy": /default-src/ },
      });
      const references = findReferences(page.text);
      expectTrue(
        "a script that draws the reference",
        references.some((path) => path.endsWith(".js")),
      );
      for (const reference of references) {
        const target = new URL(reference, "http://origin.invalid/docs");
        if (target.origin !== "http://origin.invalid")
          throw new CheckFailure([`GET /docs: expected its own origin only, saw ${reference}`]);
        expectAnswer(await client.send("GET", target.pathname, { isAnonymous: true }), { status: 200 });
      }
    },
  },
  {
    name: "documentation: GET /problems/{code} explains a problem type",
    async run({ client }) {
      const page = await client.send("GET", "/problems/user-not-found", { isAnonymous: true });
      expectAnswer(page, { status: 200, headers: { "Content-Type": /^text\/html\b/ } });
      expectTrue("the page to name its problem type", page.text.includes("/problems/user-not-found"));
    },
  },
  {
    name: "documentation: GET /problems/{code} of no problem type is refused with 404",
    async run({ client }) {
      expectProblem(await client.send("GET", "/problems/no-such-type", { isAnonymous: true }), 404, "route-not-found");
    },
  },
];

/** Scripts, styles and icons; links for people to follow are not loaded. */
function findReferences(page: string): string[] {
  const tags = page.matchAll(/<(?:script|link|img)\b[^>]*?\b(?:src|href)="([^"]+)"/gi);
  return [...tags].map(([, reference = ""]) => reference).filter((reference) => !reference.startsWith("data:"));
}
