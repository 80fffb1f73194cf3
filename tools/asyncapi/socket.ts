/** Where sockets are opened. */
const SERVER = "sockets";

const CURSOR = { type: "string", maxLength: 256, description: "Where one may continue, by whichever way one follows." };

const MESSAGES = {
  socketEvent: {
    name: "socketEvent",
    title: "Event",
    summary: "An event, with the cursor behind it.",
    contentType: "application/json",
    payload: {
      type: "object",
      required: ["cursor", "event"],
      properties: { cursor: CURSOR, event: { $ref: "#/components/schemas/UserEvent" } },
    },
  },
  socketCursor: {
    name: "socketCursor",
    title: "Cursor",
    summary: "Where the client stands: the first message, and from time to time when nothing happens.",
    contentType: "application/json",
    payload: { type: "object", required: ["cursor"], additionalProperties: false, properties: { cursor: CURSOR } },
  },
  socketReceived: {
    name: "socketReceived",
    title: "Acknowledgement",
    summary: "How many events have arrived over this socket. At most 256 are sent that it has not been said of.",
    contentType: "application/json",
    payload: {
      type: "object",
      required: ["received"],
      additionalProperties: false,
      properties: { received: { type: "integer", minimum: 0, description: "A client says nothing else." } },
    },
  },
} as const;

type MessageKey = keyof typeof MESSAGES;

const inChannel = (...keys: readonly MessageKey[]) =>
  keys.map((key) => ({ $ref: `#/channels/socket/messages/${key}` }));

interface SocketParts {
  readonly address: string;
  readonly description: string;
  readonly security: readonly object[];
}

/** The feed as a WebSocket: what it adds to the document's servers, channels, operations and messages. */
export function describeSocket({ address, description, security }: SocketParts) {
  const channel = { $ref: "#/channels/socket" };
  const references = Object.keys(MESSAGES).map((key) => [key, { $ref: `#/components/messages/${key}` }]);
  return {
    server: (host: object) => ({
      [SERVER]: { ...host, protocol: "wss", description: "The same service, for WebSockets.", security },
    }),
    channel: {
      address,
      title: "Feed as a WebSocket",
      summary: "The feed, message by message; a client comes again with the last cursor that it has kept.",
      description,
      servers: [{ $ref: `#/servers/${SERVER}` }],
      messages: Object.fromEntries(references),
      bindings: { ws: { method: "GET", query: QUERY, bindingVersion: "0.1.0" } },
    },
    operations: {
      sendSocket: {
        action: "send",
        title: "Follow the changes of users over a WebSocket",
        summary: "The same events as in the feed, in the same order, each once.",
        description,
        channel,
        messages: inChannel("socketEvent", "socketCursor"),
      },
      receiveReceived: {
        action: "receive",
        title: "Acknowledge events",
        summary: "The client says how many events have arrived.",
        description: "A client that leaves 256 events unacknowledged for too long is cut off, and comes again.",
        channel,
        messages: inChannel("socketReceived"),
      },
    },
    messages: MESSAGES,
  };
}

const QUERY = {
  type: "object",
  additionalProperties: false,
  properties: {
    cursor: CURSOR,
    from: { type: "string", enum: ["oldest", "now"], description: "Where to begin, without a cursor." },
    type: { type: "string", description: "Only events of this type." },
    user_id: { type: "string", format: "uuid", description: "Only events of this user." },
  },
};
