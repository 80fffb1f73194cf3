import type { EventFilter, EventQuery } from "../../models/user-event.ts";
import type { Deadline } from "../../resilience/deadline.ts";
import type { UserEventService } from "../../services/user-event-service.ts";
import type { AppContext } from "../context.ts";
import { problemResponse } from "../problem.ts";
import { respondWithSocket } from "../respond.ts";
import type { EventCursorCodec } from "./cursor.ts";

/** What whoever serves a socket has to know of it. */
export type SocketRequest = Readonly<Record<"caller" | "request_id" | "cursor" | "type" | "user_id", string>>;

/** What the runtime's answer to an upgrade is, as far as it is used. */
export interface SocketAnswer {
  readonly status: number;
  readonly webSocket?: WebSocket | null;
}

/** Opens WebSockets at the feed: the events Worker or a fake. */
export interface EventSockets {
  /** Its answer: 101 with the socket, 429 when the caller has too many; null when it cannot be reached. Settles by the deadline. */
  open(request: SocketRequest, deadline: Deadline): Promise<SocketAnswer | null>;
}

export interface EventSocketOptions {
  readonly userEvents: UserEventService;
  readonly eventCursors: EventCursorCodec;
  /** Null where nobody serves sockets. */
  readonly eventSockets: EventSockets | null;
}

const INSTEAD = "follow the stream, or the pages.";
const SOCKETS_ARE_OFF = `WebSockets are switched off: ${INSTEAD}`;
const FOREIGN_PAGE = "Pages of other origins need credentials for a WebSocket.";
const NO_MORE = `No more WebSockets can be opened at present: ${INSTEAD}`;

/** Before the first event, with which the feed begins that is kept. */
const BEGINNING = { stamp: 0n, position: 0n } as const;

export function wantsSocket({ env: { method, headers } }: AppContext): boolean {
  return method === "GET" && headers.get("Upgrade")?.toLowerCase() === "websocket";
}

/** Hands an upgrade to whoever serves sockets. What the feed refuses is refused before, by reading a little of it. */
export async function openEventSocket(
  c: AppContext,
  query: EventQuery,
  isOn: boolean,
  { userEvents, eventCursors, eventSockets }: EventSocketOptions,
): Promise<Response> {
  const { env } = c;
  if (eventSockets === null || !isOn) return problemResponse(c, "not-acceptable", { detail: SOCKETS_ARE_OFF });
  if (isOfForeignPage(c)) return problemResponse(c, "not-acceptable", { detail: FOREIGN_PAGE });
  const { after, filter } = query;
  const { next } = await userEvents.read(query, env);
  const start = after === "now" ? next : after === "oldest" ? BEGINNING : after;
  const cursor = await eventCursors.encode(start, filter);
  const answer = await eventSockets.open(describe(c, filter, cursor), env.deadline);
  if (answer?.webSocket) return respondWithSocket(c, answer.webSocket);
  return problemResponse(c, answer?.status === 429 ? "quota-exceeded" : "overloaded", { detail: NO_MORE });
}

/** Browsers let every page open a socket, whatever CORS says; here that leads somewhere only where the API is open to all. */
function isOfForeignPage({ env: { headers, headerGroups, url } }: AppContext): boolean {
  const origin = headers.get("Origin");
  return (
    origin !== null &&
    !headers.has("X-API-Key") &&
    !headers.has("Authorization") &&
    !url.startsWith(`${origin}/`) &&
    !headerGroups.some((group) => "Access-Control-Allow-Origin" in group)
  );
}

function describe({ env }: AppContext, { type, userId }: EventFilter, cursor: string): SocketRequest {
  return { caller: env.caller ?? "", request_id: env.requestId, cursor, type: type ?? "", user_id: userId ?? "" };
}
