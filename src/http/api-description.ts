import type { OpenAPIHono } from "@hono/zod-openapi";

import { HEADERS } from "./api-components.ts";
import { BODY_EXAMPLES, problemExample } from "./api-examples.ts";
import { API_VERSION } from "./api-version.ts";
import type { AppEnv } from "./context.ts";
import { isProblemCode, PROBLEM_TYPES } from "./problem-registry.ts";
import { EVENT_DELIVERY } from "./webhooks/event-description.ts";

/** Shown at the top of the reference: what holds for every operation and is said nowhere else. */
const DESCRIPTION = `
Create, read, change, list and delete users, and have others told of it.

## Authentication
Operations on users and webhooks need an API key in the \`X-API-Key\` header, or a bearer token (a signed JWT) in \`Authorization\`,
where the operator has set up an identity provider. Either holds scopes: \`users:read\`, \`users:write\`, \`webhooks:write\`; each
operation names the one it needs. Everything else is open.

## Errors
Every error is \`application/problem+json\` (RFC 9457). Its \`type\` is the path of a page that explains it and says what to do.
\`request_id\` names the request in the service's log, \`trace_id\` the trace that it is part of. Errors with status 5xx say nothing about their cause.

## Methods
- \`HEAD\` answers wherever \`GET\` does, with the same status and headers and no body.
- \`OPTIONS\` answers 204 on every known path; its \`Allow\` header lists the methods.
- Any other method on a known path is refused with 405 (\`method-not-allowed\`) and the same \`Allow\` header.
- An unknown path is 404 (\`route-not-found\`). Paths have no trailing slash.

## Requests
- Bodies are JSON in UTF-8 of at most 64 KiB; fields that are unknown or given twice are refused.
- Query parameters that are unknown or given twice are refused.
- A request may take a few seconds at most; then it ends with 504 (\`deadline-exceeded\`).
- Each caller has a rate limit, told by \`RateLimit-Policy\`; beyond it, requests get 429 and \`Retry-After\`.

## Conditional requests
- Every single user and webhook endpoint comes with a strong \`ETag\`. \`If-None-Match\` saves the body of what you have: 304.
- \`If-Match\` on a change names the state that it starts from; in any other state, nothing is changed: 412. Weak tags match
  nothing. With \`If-Match\`, what does not exist is 412 as well.
- A service may insist on \`If-Match\`: 428 without it.

## Repeating requests
- \`GET\`, \`HEAD\` and \`DELETE\` may be repeated, and \`PATCH\` with \`If-Match\`. For \`POST\`, send an \`Idempotency-Key\`: the same
  key and payload get the first answer again, with \`Idempotent-Replayed: true\`, for 24 hours. Keys belong to their caller.
- The same key for another payload is 422; while the first request runs, 409. Refused requests leave the key free.
- Operations on webhooks take no key. An endpoint whose creation got no answer is in the list: delete it, or rotate its secret,
  which may be repeated.

## Lists
- A walk along \`next_cursor\`, or the \`Link\` header, sees every user that exists throughout exactly once, in every order, even
  while others are added or removed. A cursor belongs to its sort and filters; the limit may change on the way.

## Webhooks
- Endpoints are sent each event of the feed, signed as Standard Webhooks says, at least once.
- A secret is told when its endpoint is created and when it is rotated, and never again.

## Responses
- \`X-Request-ID\` is yours when you sent one of 1 to 128 letters, digits, dots, underscores and hyphens, else a new one.
- \`traceparent\` (W3C Trace Context) is continued when it is valid, else started anew. With a trace that is continued, a valid
  \`tracestate\` of yours comes back.
- \`Server-Timing\` has the milliseconds that the service waited for its database, and took in all, where the operator shows them.
- \`Cache-Control\` is \`private, no-cache, no-transform\` where there is an \`ETag\`, so that it arrives as it was sent;
  \`private, no-cache\` for lists, \`no-cache\` for pages about problems, and \`no-store\` otherwise.
- \`Strict-Transport-Security\`, \`X-Content-Type-Options\`, \`Content-Security-Policy\` and \`Referrer-Policy\` are on every response.
- Other origins may read responses only where the operator has named them.

## Conventions
Fields are in snake_case, times are RFC 3339 in UTC, ids are UUIDs. New fields may be added to responses within version 1.
An operation that will go is marked \`deprecated\` and sends \`Deprecation\`, \`Sunset\` and a \`Link\` to its successor's guide.
`.trim();

const TAGS = [
  { name: "Users", description: "People who are known to the service." },
  { name: "Webhooks", description: "Where events of users are sent." },
  {
    name: "Health",
    description: "Probes for load balancers, releases and people; open to all, outside the rate limits.",
  },
  { name: "Documentation", description: "What this service is, and how to use it." },
];

/** A constant of its own because the types of the generator do not know `identifier` (OpenAPI 3.1). */
const LICENSE = { name: "MIT", identifier: "MIT" };

/** The whole API as an OpenAPI 3.1 document; made at build time, never in the Worker. */
export function describeApi(app: OpenAPIHono<AppEnv>) {
  const { openAPIRegistry: registry } = app;
  registry.registerComponent("securitySchemes", "apiKey", {
    type: "apiKey",
    in: "header",
    name: "X-API-Key",
    description: "Your API key, from the operator of the service.",
  });
  registry.registerComponent("securitySchemes", "bearer", {
    type: "http",
    scheme: "bearer",
    bearerFormat: "JWT",
    description:
      "A signed token of the operator's identity provider, with the scopes in its `scope` claim; checked as RFC8725 advises.",
  });
  registry.registerWebhook(EVENT_DELIVERY);
  for (const [name, header] of Object.entries(HEADERS)) registry.registerComponent("headers", name, { ...header });
  for (const [name, example] of Object.entries(BODY_EXAMPLES))
    registry.registerComponent("examples", name, { ...example });
  for (const code of Object.keys(PROBLEM_TYPES).filter(isProblemCode)) {
    if (!UNMENTIONED.has(code)) registry.registerComponent("examples", code, { ...problemExample(code) });
  }
  const document = app.getOpenAPI31Document({
    openapi: "3.1.0",
    info: {
      title: "Users API",
      version: API_VERSION,
      description: DESCRIPTION,
      contact: { name: "The maintainers of zero-downtime-edge-api" },
      license: LICENSE,
    },
    servers: [
      {
        url: "/",
        description: "The service that you read this at: local, staging or production.",
        "x-internal": false,
      },
    ],
    tags: TAGS,
  });
  for (const item of Object.values(document.paths ?? {})) {
    for (const operation of [item.get, item.post, item.patch, item.delete]) describeQuota(operation?.responses ?? {});
  }
  return document;
}

/** Where there is a quota, which 429 tells, any response may name it. */
function describeQuota(responses: Readonly<Record<string, { headers?: object }>>): void {
  if (responses["429"] === undefined) return;
  for (const response of Object.values(responses)) {
    response.headers = { ...response.headers, "RateLimit-Policy": { $ref: "#/components/headers/RateLimit-Policy" } };
  }
}

/** Belongs to no operation: whoever gets it used a method that the path does not have. */
const UNMENTIONED: ReadonlySet<string> = new Set(["method-not-allowed"]);
