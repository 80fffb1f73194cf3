import { readFileSync } from "node:fs";

import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, test } from "vitest";

import { USER_EVENT_TYPES } from "../../../../src/models/user-event.ts";
import { describeEvents, type OpenapiSource } from "../../../../tools/asyncapi/document.ts";
import { OPENAPI_FILE } from "../../../../tools/openapi/generate.ts";

interface EventsDocument {
  readonly components: {
    readonly messages: Readonly<
      Record<
        string,
        {
          readonly payload: object;
          readonly examples: readonly [{ readonly payload: { readonly type: string } }];
          readonly traits?: object;
        }
      >
    >;
    readonly messageTraits: { readonly signed: { readonly headers: { readonly required: readonly string[] } } };
    readonly schemas: object;
  };
}

const openapi = JSON.parse(readFileSync(OPENAPI_FILE, "utf8")) as OpenapiSource;

describe("the description of events", () => {
  const { components } = describeEvents(openapi) as EventsDocument;
  const messages = Object.entries(components.messages).flatMap(([key, message]) =>
    key.startsWith("user") ? [message] : [],
  );

  test("has a message for each type of event", ({ expect }) => {
    expect(messages.map(({ examples: [{ payload }] }) => payload.type)).toEqual([...USER_EVENT_TYPES]);
  });

  test("has examples that are right, and that are no other event", ({ expect }) => {
    const ajv = new Ajv2020({ strict: false, validateFormats: false });
    const checks = messages.map(({ payload }) => ajv.compile({ ...payload, components }));
    const fits = messages.map(({ examples: [{ payload }] }) => checks.map((check) => check(payload)));
    expect(fits).toEqual(messages.map((_, row) => messages.map((_other, column) => row === column)));
  });

  test("has them once more for webhooks, signed, and a test", ({ expect }) => {
    const signed = Object.entries(components.messages).filter(([, { traits }]) => traits !== undefined);
    expect(signed.map(([key]) => key)).toEqual([
      "signedUserCreated",
      "signedUserUpdated",
      "signedUserDeleted",
      "signedWebhookTest",
    ]);
    expect(components.messageTraits.signed.headers.required).toEqual([
      "webhook-id",
      "webhook-timestamp",
      "webhook-signature",
    ]);
  });

  test("has what is said over a WebSocket: an event with its cursor, a cursor alone, and how many have arrived", ({
    expect,
  }) => {
    const ajv = new Ajv2020({ strict: false, validateFormats: false });
    const [event] = messages.map(({ examples: [{ payload }] }) => payload);
    const checkOf = (key: string) => ajv.compile({ ...components.messages[key]?.payload, components });
    const said = {
      socketEvent: { cursor: "c", event },
      socketCursor: { cursor: "c" },
      socketReceived: { received: 7 },
    };
    const fits = Object.keys(said).map((key) => Object.values(said).map((message) => checkOf(key)(message)));
    expect(fits).toEqual([
      [true, false, false],
      [false, true, false],
      [false, false, true],
    ]);
  });

  test("says what is missing in the OpenAPI document", ({ expect }) => {
    expect(() => describeEvents({ ...openapi, paths: {} })).toThrow("docs/openapi.json has no /api/v1/users/events");
    expect(() => describeEvents({ ...openapi, webhooks: {} })).toThrow("docs/openapi.json has no webhook of events");
    const { UserEvent: _, ...schemas } = openapi.components.schemas;
    expect(() => describeEvents({ ...openapi, components: { ...openapi.components, schemas } })).toThrow(
      "no schema UserEvent",
    );
  });
});
