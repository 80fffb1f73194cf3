/** As much of docs/openapi.json as the description of events is made of. */
export interface OpenapiSource {
  readonly info: { readonly version: string; readonly license?: object; readonly contact?: object };
  readonly paths: Readonly<Record<string, { readonly get?: { readonly description?: string } } | undefined>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, object>>;
    readonly examples: Readonly<Record<string, { readonly value?: unknown }>>;
  };
}

const FEED = "/api/v1/users/events";

/** What each type of event tells, in the order of the document. */
const EVENTS = {
  "user.created": { key: "userCreated", title: "User created", summary: "A user was created; `user` is the new one." },
  "user.updated": {
    key: "userUpdated",
    title: "User updated",
    summary: "A user was changed; `user` is what it became.",
  },
  "user.deleted": { key: "userDeleted", title: "User deleted", summary: "A user was deleted; `user` is null." },
} as const;

const DESCRIPTION = `What happens to users, as others may follow it: in the order in which it happened to each of them, and every event once.
What may be relied on is in the guide to events; how the feed is asked for, page by page too, is in the OpenAPI document.`;

/**
 * The events as an AsyncAPI 3.1 document (https://www.asyncapi.com/docs/reference/specification/v3.1.0), from the OpenAPI document,
 * whose schemas and examples they share.
 * @throws Error when the OpenAPI document lacks what it is made of
 */
export function describeEvents({ info, paths, components }: OpenapiSource): object {
  const feed = paths[FEED]?.get?.description;
  if (feed === undefined) throw new Error(`docs/openapi.json has no ${FEED}`);
  const messages = Object.values(EVENTS).map(({ key }) => key);
  return {
    asyncapi: "3.1.0",
    info: {
      title: "Users API: events",
      version: info.version,
      description: DESCRIPTION,
      contact: info.contact,
      license: { name: "MIT", url: "https://opensource.org/license/mit" },
      tags: [{ name: "Users", description: "People who are known to the service." }],
    },
    defaultContentType: "application/json",
    servers: {
      production: {
        host: "{host}",
        protocol: "https",
        description: "The service that you follow.",
        variables: { host: { default: "users-api.example.com", description: "Where it is served." } },
        security: SECURITY,
      },
    },
    channels: {
      feed: {
        address: FEED,
        title: "Feed",
        summary: "Server-Sent Events, resumed by `Last-Event-ID`.",
        description: feed,
        messages: referencesTo(messages, "#/components/messages"),
      },
    },
    operations: {
      sendFeed: {
        action: "send",
        title: "Follow the changes of users",
        summary:
          "`GET` with `Accept: text/event-stream`; `data` of each event is the message, `event` its type, `id` the cursor behind it.",
        description: feed,
        channel: { $ref: "#/channels/feed" },
        security: SECURITY,
        bindings: { http: { method: "GET", bindingVersion: "0.3.0" } },
        messages: messages.map((key) => ({ $ref: `#/channels/feed/messages/${key}` })),
      },
    },
    components: describeComponents(components),
  };
}

const SECURITY = [{ $ref: "#/components/securitySchemes/apiKey" }, { $ref: "#/components/securitySchemes/bearer" }];

function describeComponents({ schemas, examples }: OpenapiSource["components"]): object {
  return {
    messages: Object.fromEntries(
      Object.entries(EVENTS).map(([type, about]) => [about.key, messageOf(type, about, examples)]),
    ),
    schemas: schemasFor(schemas, ["UserEvent", "User"]),
    securitySchemes: {
      apiKey: {
        type: "httpApiKey",
        in: "header",
        name: "X-API-Key",
        description: "A key with the scope `users:read`.",
      },
      bearer: {
        type: "http",
        scheme: "bearer",
        bearerFormat: "JWT",
        description: "A signed token with the scope `users:read`.",
      },
    },
  };
}

const referencesTo = (keys: readonly string[], parent: string) =>
  Object.fromEntries(keys.map((key) => [key, { $ref: `${parent}/${key}` }]));

function messageOf(
  type: string,
  { key, title, summary }: (typeof EVENTS)[keyof typeof EVENTS],
  examples: OpenapiSource["components"]["examples"],
): object {
  return {
    name: key,
    title,
    summary,
    contentType: "application/json",
    payload: {
      allOf: [{ $ref: "#/components/schemas/UserEvent" }, { type: "object", properties: { type: { const: type } } }],
    },
    examples: [{ name: key, summary, payload: exampleOf(type, examples) }],
  };
}

/** An event of that type among the examples of the OpenAPI document; a change is shown as what a creation became. */
function exampleOf(type: string, examples: OpenapiSource["components"]["examples"]): object {
  const { data = [] } = (examples["events"]?.value ?? {}) as { data?: readonly { readonly type?: string }[] };
  const shown = data.find((event) => event.type === type);
  if (shown !== undefined) return shown;
  const created = data.find((event) => event.type === "user.created");
  if (created === undefined) throw new Error("docs/openapi.json shows no event of a creation");
  return { ...created, type, user_version: 2 };
}

/** AsyncAPI's schemas are JSON Schema, which has `examples` where OpenAPI's have one `example`. */
function schemasFor(schemas: Readonly<Record<string, object>>, names: readonly string[]): object {
  return Object.fromEntries(
    names.map((name) => {
      const schema = schemas[name];
      if (schema === undefined) throw new Error(`docs/openapi.json has no schema ${name}`);
      const text = JSON.stringify(schema, (_key, value: unknown) => withExamples(value));
      return [name, JSON.parse(text) as object];
    }),
  );
}

function withExamples(value: unknown): unknown {
  if (typeof value !== "object" || value === null || !("example" in value)) return value;
  const { example, ...rest } = value;
  return { ...rest, examples: [example] };
}
