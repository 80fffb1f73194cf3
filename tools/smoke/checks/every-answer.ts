import type { Answer } from "../answer.ts";
import type { Check } from "../check.ts";
import { CheckFailure, describeAnswer, expectAnswer, expectTrue, memberOf } from "../expectations.ts";

/** A rule for all answers of the run: null when it is kept, else what was expected and seen. */
interface Rule {
  readonly name: string;
  findFault(answer: Answer): string | null;
}

/** Enough to see a pattern; a rule that is broken everywhere needs no hundred lines. */
const MAX_SHOWN = 5;

const requireHeader = (name: string, pattern: RegExp): Rule => ({
  name: `every answer: ${name} is there and sound`,
  findFault({ headers }) {
    const seen = headers.get(name);
    return seen !== null && pattern.test(seen) ? null : `expected ${name} ${pattern}, saw ${seen ?? "none"}`;
  },
});

const isJson = ({ headers }: Answer): boolean => /^application\/(.+\+)?json\b/.test(headers.get("Content-Type") ?? "");

/** What a header lists, in lower case. */
const namesOf = (headers: Headers, name: string): readonly string[] =>
  (headers.get(name) ?? "").split(",").map((item) => item.trim().toLowerCase());

const RULES: readonly Rule[] = [
  requireHeader("X-Request-ID", /^[A-Za-z0-9._-]{1,128}$/),
  requireHeader("Cache-Control", /./),
  requireHeader("X-Content-Type-Options", /^nosniff$/),
  requireHeader("Strict-Transport-Security", /^max-age=[1-9]\d{6,}\b/),
  requireHeader("Content-Security-Policy", /./),
  {
    name: "every answer: the CSP of JSON lets nothing load",
    findFault(answer) {
      const policy = answer.headers.get("Content-Security-Policy") ?? "none";
      return !isJson(answer) || /\bdefault-src 'none'/.test(policy)
        ? null
        : `expected default-src 'none', saw ${policy}`;
    },
  },
  {
    name: "every answer: none is a 5xx",
    findFault: (answer) => (answer.status < 500 ? null : `expected no 5xx, saw ${describeAnswer(answer)}`),
  },
  {
    name: "every answer: errors are not stored by caches",
    findFault({ status, headers }) {
      const seen = headers.get("Cache-Control");
      return status < 400 || seen === "no-store" ? null : `expected Cache-Control no-store, saw ${seen ?? "none"}`;
    },
  },
  {
    name: "every answer: a tag is strong, and nobody may transform what it is of",
    findFault({ headers }) {
      const tag = headers.get("ETag");
      if (tag === null) return null;
      if (tag.startsWith("W/")) return `expected a strong ETag, saw ${tag}`;
      return namesOf(headers, "Cache-Control").includes("no-transform")
        ? null
        : `expected Cache-Control with no-transform, saw ${headers.get("Cache-Control") ?? "none"}`;
    },
  },
  {
    name: "every answer: what is compressed and may be stored varies by Accept-Encoding",
    findFault({ headers }) {
      if (!headers.has("Content-Encoding") || namesOf(headers, "Cache-Control").includes("no-store")) return null;
      return namesOf(headers, "Vary").includes("accept-encoding")
        ? null
        : `expected Vary with Accept-Encoding, saw ${headers.get("Vary") ?? "none"}`;
    },
  },
  { name: "every answer: errors are complete problem documents", findFault: findProblemFault },
];

/** Probes report 503 with their own document. */
const PROBES = /^\/(ready|health\/[a-z]+)$/;

/** RFC 9457 and the members that this API promises beyond it. HEAD has no body to look at. */
function findProblemFault(answer: Answer): string | null {
  const { method, path, status, headers, json } = answer;
  if (status < 400 || method === "HEAD" || PROBES.test(path)) return null;
  const contentType = headers.get("Content-Type");
  if (contentType !== "application/problem+json")
    return `expected application/problem+json, saw ${contentType ?? "none"}`;
  const expected = { status, instance: path, request_id: headers.get("X-Request-ID") };
  for (const [name, value] of Object.entries(expected)) {
    const seen = memberOf(json, name);
    if (seen !== value) return `expected ${name} ${JSON.stringify(value)}, saw ${JSON.stringify(seen)}`;
  }
  const missing = ["type", "title", "detail"].filter((name) => typeof memberOf(json, name) !== "string");
  return missing.length === 0 ? null : `expected the members type, title and detail, saw no ${missing.join(", ")}`;
}

function versionRule(expected: string | null): Rule {
  if (expected === null) return requireHeader("X-Version-Id", /^[\x21-\x7e]+$/);
  return {
    name: `every answer: comes from version ${expected}`,
    findFault({ headers }) {
      const seen = headers.get("X-Version-Id");
      return seen === expected ? null : `expected X-Version-Id ${expected}, saw ${seen ?? "none"}`;
    },
  };
}

/** Looks back at all answers so far; to run last. */
export function everyAnswerChecks({ expectVersion }: { readonly expectVersion: string | null }): readonly Check[] {
  return [PROBLEM_PAGES, ...[...RULES, versionRule(expectVersion)].map(toCheck)];
}

function toCheck({ name, findFault }: Rule): Check {
  return {
    name,
    run({ client }) {
      const faults = client.answers.flatMap((answer) => {
        const fault = findFault(answer);
        return fault === null ? [] : [`${answer.method} ${answer.path.slice(0, 100)}: ${fault}`];
      });
      if (faults.length === 0) return Promise.resolve();
      const hidden = faults.length > MAX_SHOWN ? [`and ${faults.length - MAX_SHOWN} more`] : [];
      return Promise.reject(new CheckFailure([...faults.slice(0, MAX_SHOWN), ...hidden]));
    },
  };
}

const PROBLEM_PAGES: Check = {
  name: "every answer: the type of each problem leads to its page",
  async run({ client }) {
    const types = new Set(
      client.answers.filter(({ status }) => status >= 400).map(({ json }) => memberOf(json, "type")),
    );
    types.delete(undefined);
    for (const type of types) {
      expectTrue(
        `a path for ${JSON.stringify(type)}`,
        typeof type === "string" && /^\/problems\/[a-z0-9-]+$/.test(type),
      );
      const page = await client.send("GET", String(type), { isAnonymous: true });
      expectAnswer(page, { status: 200, headers: { "Content-Type": /^text\/html\b/ } });
      expectTrue(`the page to name ${String(type)}`, page.text.includes(String(type)));
    }
  },
};
