import { describeSocket } from "./socket.ts";

/** As much of docs/openapi.json as the description of events is made of. */
export interface OpenapiSource {
  readonly info: { readonly version: string; readonly license?: object; readonly contact?: object };
  readonly paths: Readonly<Record<string, { readonly get?: { readonly description?: string } } | undefined>>;
  readonly webhooks: Readonly<Record<string, { readonly post?: Delivery } | undefined>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, object>>;
    readonly examples: Readonly<Record<string, { readonly value?: unknown }>>;
  };
}

/** How an event is sent to a webhook. */
interface Delivery {
  readonly description?: string;
  readonly parameters?: readonly Header[];
}

interface Header {
  readonly name: string;
  readonly schema: object;
}

/** One type of event. */
interface EventKind {
  readonly type: string;
  /** Name among the messages of the document. */
  readonly key: string;
  readonly title: string;
  readonly summary: string;
  readonly schema: "UserEvent" | "WebhookTestEvent";
}

const FEED = "/api/v1/users/events";

const USER_EVENTS: readonly EventKind[] = [
  {
    type: "user.created",
    key: "userCreated",
    title: "User created",
    summary: "A user was created; `user` is the new one.",
    schema: "UserEvent",
  },
  {
    type: "user.updated",
    key: "userUpdated",
    title: "User updated",
    summary: "A user was changed; `user` is what it became.",
    schema: "UserEvent",
  },
  {
    type: "user.deleted",
    key: "userDeleted",
    title: "User deleted",
    summary: "A user was deleted; `user` is null.",
    schema: "UserEvent",
  },
];

const TEST_EVENT: EventKind = {
  type: "webhook.test",
  key: "webhookTest",
  title: "Test",
  summary: "Somebody has asked for a test.",
  schema: "WebhookTestEvent",
};

const DESCRIPTION = `What happens to users, as others may follow it: in the order in which it happened to each of them. The feed has each event once, webhooks are sent each at least once.
What may be relied on is in the guide to events; how the feed is asked for, page by page too, and how webhooks are added, is in the OpenAPI document.`;

const SECURITY = [{ $ref: "#/components/securitySchemes/apiKey" }, { $ref: "#/components/securitySchemes/bearer" }];

/**
 * The events as an AsyncAPI 3.1 document (https://www.asyncapi.com/docs/reference/specification/v3.1.0), from the OpenAPI document,
 * whose schemas and examples they share.
 * @throws Error when the OpenAPI document lacks what it is made of
 */
export function describeEvents({ info, paths, webhooks, components }: OpenapiSource): object {
  const description = paths[FEED]?.get?.description ?? missing(FEED);
  const feed = describeFeed(description);
  const socket = describeSocket({ address: FEED, description, security: SECURITY });
  const delivery = webhooks["event"]?.post ?? missing("webhook of events");
  const webhook = describeWebhook(delivery);
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
      production: { ...HOST, protocol: "https", description: "The service that you follow.", security: SECURITY },
      ...socket.server(HOST),
    },
    channels: { feed: feed.channel, socket: socket.channel, webhook: webhook.channel },
    operations: { sendFeed: feed.operation, ...socket.operations, sendWebhook: webhook.operation },
    components: {
      messages: {
        ...messagesOf(USER_EVENTS, components.examples),
        ...socket.messages,
        ...messagesOf(SIGNED_EVENTS, components.examples, { traits: [{ $ref: "#/components/messageTraits/signed" }] }),
      },
      messageTraits: { signed: { headers: headersOf(delivery.parameters ?? []) } },
      schemas: schemasFor(components.schemas, ["UserEvent", "User", "WebhookTestEvent"]),
      securitySchemes: describeSecurity(),
    },
  };
}

const HOST = {
  host: "{host}",
  variables: { host: { default: "users-api.example.com", description: "Where it is served." } },
};

function missing(what: string): never {
  throw new Error(`docs/openapi.json has no ${what}`);
}

/** What webhooks are sent: the same events, with headers that the feed has not. */
const SIGNED_EVENTS: readonly EventKind[] = [...USER_EVENTS, TEST_EVENT].map((kind) => ({
  ...kind,
  key: `signed${kind.key.charAt(0).toUpperCase()}${kind.key.slice(1)}`,
}));

function describeFeed(description: string) {
  return {
    channel: {
      address: FEED,
      title: "Feed",
      summary: "Server-Sent Events, resumed by `Last-Event-ID`.",
      description,
      servers: [{ $ref: "#/servers/production" }],
      messages: referencesTo(USER_EVENTS),
    },
    operation: {
      action: "send",
      title: "Follow the changes of users",
      summary:
        "`GET` with `Accept: text/event-stream`; `data` of each event is the message, `event` its type, `id` the cursor behind it.",
      description,
      channel: { $ref: "#/channels/feed" },
      security: SECURITY,
      bindings: { http: { method: "GET", bindingVersion: "0.3.0" } },
      messages: USER_EVENTS.map(({ key }) => ({ $ref: `#/channels/feed/messages/${key}` })),
    },
  };
}

function describeWebhook({ description }: Delivery) {
  return {
    channel: {
      address: null,
      title: "Webhook",
      summary: "The URL of an endpoint that somebody has added.",
      description,
      messages: referencesTo(SIGNED_EVENTS),
    },
    operation: {
      action: "send",
      title: "Deliver an event",
      summary: "`POST`, signed as Standard Webhooks says.",
      description,
      channel: { $ref: "#/channels/webhook" },
      bindings: { http: { method: "POST", bindingVersion: "0.3.0" } },
      messages: SIGNED_EVENTS.map(({ key }) => ({ $ref: `#/channels/webhook/messages/${key}` })),
    },
  };
}

const referencesTo = (kinds: readonly EventKind[]) =>
  Object.fromEntries(kinds.map(({ key }) => [key, { $ref: `#/components/messages/${key}` }]));

type Examples = OpenapiSource["components"]["examples"];

const messagesOf = (kinds: readonly EventKind[], examples: Examples, more: object = {}) =>
  Object.fromEntries(kinds.map((kind) => [kind.key, { ...describeMessage(kind, examples), ...more }]));

function describeMessage(kind: EventKind, examples: Examples): object {
  const { type, key, title, summary, schema } = kind;
  return {
    name: key,
    title,
    summary,
    contentType: "application/json",
    payload: {
      allOf: [{ $ref: `#/components/schemas/${schema}` }, { type: "object", properties: { type: { const: type } } }],
    },
    ...(schema === "UserEvent" ? { examples: [{ name: key, summary, payload: exampleOf(type, examples) }] } : {}),
  };
}

/** An event of that type among the examples of the OpenAPI document; a change is shown as what a creation became. */
function exampleOf(type: string, examples: Examples): object {
  const { data = [] } = (examples["events"]?.value ?? {}) as { data?: readonly { readonly type?: string }[] };
  const shown = data.find((event) => event.type === type);
  if (shown !== undefined) return shown;
  const created = data.find((event) => event.type === "user.created") ?? missing("example of a creation's event");
  return { ...created, type, user_version: 2 };
}

function headersOf(headers: readonly Header[]): object {
  return {
    type: "object",
    required: headers.map(({ name }) => name),
    properties: Object.fromEntries(headers.map(({ name, schema }) => [name, toJsonSchema(schema)])),
  };
}

function describeSecurity(): object {
  return {
    apiKey: { type: "httpApiKey", in: "header", name: "X-API-Key", description: "A key with the scope `users:read`." },
    bearer: {
      type: "http",
      scheme: "bearer",
      bearerFormat: "JWT",
      description: "A signed token with the scope `users:read`.",
    },
  };
}

const schemasFor = (schemas: Readonly<Record<string, object>>, names: readonly string[]): object =>
  Object.fromEntries(names.map((name) => [name, toJsonSchema(schemas[name] ?? missing(`schema ${name}`))]));

/** AsyncAPI's schemas are JSON Schema, which has `examples` where OpenAPI's have one `example`. */
function toJsonSchema(schema: object): object {
  return JSON.parse(JSON.stringify(schema, (_key, value: unknown) => withExamples(value))) as object;
}

function withExamples(value: unknown): unknown {
  if (typeof value !== "object" || value === null || !("example" in value)) return value;
  const { example, ...rest } = value;
  return { ...rest, examples: [example] };
}
