import { corsVary } from "../../../src/http/middleware/cors.ts";
import { discardUnreadBody } from "../../../src/http/middleware/unread-body.ts";
import { ResponseHeaders } from "../../../src/http/response-headers.ts";
import { startDeadline } from "../../../src/resilience/deadline.ts";
import { createUsersApi, type ApiFetcher } from "../api/users-api.ts";
import { openCall } from "../call.ts";
import { accessLog, type AccessLogOptions } from "./access-log.ts";
import { readAnswerCode, type AnswerCode } from "./answer-code.ts";
import {
  answerCall,
  answerFault,
  answerHealth,
  answerUnknownPath,
  type CallOptions,
  contentKind,
  type HttpAnswer,
} from "./answer.ts";
import { createCors, type Origins } from "./cors.ts";
import { createRoutes } from "./routes.ts";

export interface ServerOptions extends AccessLogOptions {
  readonly api: ApiFetcher;
  readonly origins: Origins;
  /** Version of the Worker, for `X-Version-Id`. */
  readonly versionId: string;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

export type Server = (request: Request) => Promise<Response>;

const HEALTH = "/health";

/** A request has to arrive within it, as at the API. */
const ARRIVAL_TIMEOUT_MS = 5_000;

/** No statements are made here. */
const NO_DATABASE = { roundTrips: 0, durationMs: 0 };

/**
 * Serves RPC: each request gets an id, a place in a trace and what CORS allows; it is answered; what is left of its body is read
 * away; and one line about it is logged.
 */
export function createServer({ api, origins, versionId, clock, ...logOptions }: ServerOptions): Server {
  const routes = createRoutes(createUsersApi({ fetcher: api, clock }));
  const corsHeadersOf = createCors(origins);
  const responseHeaders = new ResponseHeaders({ versionId, vary: corsVary({ origins }), timing: null });
  const log = accessLog(logOptions);

  const answer = async (request: Request, path: string, options: CallOptions): Promise<HttpAnswer> => {
    const handler = routes.get(path);
    if (handler !== undefined) return await answerCall(handler, request, options);
    return path === HEALTH ? answerHealth(request) : answerUnknownPath();
  };

  return async (request) => {
    const call = openCall(request, clock());
    const deadline = startDeadline(ARRIVAL_TIMEOUT_MS);
    const cors = corsHeadersOf(request);
    const path = new URL(request.url).pathname;
    const answered = await answer(request, path, { call, deadline, cors }).catch((error: unknown) => {
      call.error = error;
      return answerFault();
    });
    await discardUnreadBody(request, { body: null, deadline });
    const { status, body, own } = answered;
    const target = { ...call, headerGroups: cors === null ? [] : [cors], databaseUsage: NO_DATABASE };
    const kind = contentKind(answered.contentType);
    const content = request.method === "HEAD" ? null : body;
    const response = responseHeaders.respond(target, { status, body: content, kind, own });
    const route = routes.has(path) || path === HEALTH ? path : null;
    log(call, { request, route, status, answer: codeOf(answered, route), durationMs: clock() - call.startedAt });
    return response;
  };
}

function codeOf({ status, contentType, body }: HttpAnswer, route: string | null): AnswerCode | null {
  return body === null || route === null || route === HEALTH ? null : readAnswerCode({ status, contentType, body });
}
