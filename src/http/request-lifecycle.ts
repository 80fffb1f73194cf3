import type { Background, Metrics } from "../observability/metrics.ts";
import { continueTrace } from "../observability/trace-context.ts";
import type { ActiveSpan, Tracer } from "../observability/tracer.ts";
import type { EventNudger } from "../services/event-nudger.ts";
import { accessLog, type AccessLogOptions } from "./middleware/access-log.ts";
import { cors as createCors, corsVary, type CorsOptions } from "./middleware/cors.ts";
import { readRequestId } from "./middleware/request-id.ts";
import { discardUnreadBody } from "./middleware/unread-body.ts";
import { RequestScope, type RequestScopeParts } from "./request-scope.ts";
import { describeRequestSpan, requestSpanName } from "./request-span.ts";
import { ResponseHeaders } from "./response-headers.ts";
import { serverTiming } from "./server-timing.ts";

export interface RequestLifecycleOptions extends AccessLogOptions, Omit<RequestScopeParts, "responseHeaders"> {
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly cors: Pick<CorsOptions, "origins">;
  /** Whether clients are told how long their answers took. */
  readonly tellsTiming: boolean;
  /** Version of the Worker, for `X-Version-Id`. */
  readonly versionId: string;
  /** Absent or null where nobody measures. */
  readonly metrics?: Metrics | null;
  /** Absent or null where nobody sends webhooks. */
  readonly nudger?: EventNudger | null;
  /** Absent or null where nobody traces. */
  readonly tracer?: Tracer | null;
}

/** `background` goes on after the answer; without it, as in tests, nothing is measured. */
export type RequestHandler = (request: Request, background?: Background) => Response | Promise<Response>;

/** Whatever answers a request once it has a scope. */
export type ScopedHandler = (request: Request, scope: RequestScope) => Response | Promise<Response>;

/**
 * What every request passes through, in order: it gets an id, a place in a trace and what CORS allows; it is answered; what
 * is left of its body is read away; one line about it is logged, and it is counted. None of the steps waits unless it must.
 */
export function requestLifecycle(options: RequestLifecycleOptions, answer: ScopedHandler): RequestHandler {
  const { clock, tracer = null } = options;
  const open = createScopeOpener(options);
  const conclude = createConclusion(options);

  const handle = (request: Request, background: Background | undefined, span: ActiveSpan | null) => {
    const scope = open(request, clock());
    scope.background = background ?? null;
    const finish = (response: Response): Response | Promise<Response> => {
      const discarded = discardUnreadBody(request, scope);
      if (discarded === null) return conclude(response, scope, background, span);
      return discarded.then(() => conclude(response, scope, background, span));
    };
    const response = answer(request, scope);
    return response instanceof Promise ? response.then(finish) : finish(response);
  };

  if (tracer === null) return (request, background) => handle(request, background, null);
  return (request, background) =>
    tracer.span(requestSpanName(request.method), (span) => handle(request, background, span));
}

/** Gives a request its id, its place in a trace, and what CORS allows. */
function createScopeOpener(options: RequestLifecycleOptions) {
  const { clock, versionId, startDeadline, tellsTiming } = options;
  const cors = { ...options.cors, exposesTiming: tellsTiming };
  const timing = tellsTiming ? serverTiming(clock) : null;
  const responseHeaders = new ResponseHeaders({ versionId, vary: corsVary(cors), timing });
  const parts = { startDeadline, responseHeaders };
  const corsHeadersOf = createCors(cors);

  return ({ method, url, headers }: Request, startedAt: number): RequestScope => {
    const trace = continueTrace(headers);
    const requestId = readRequestId(headers);
    const scope = new RequestScope(parts, { method, url, headers, requestId, trace, startedAt });
    const corsHeaders = corsHeadersOf(scope);
    if (corsHeaders !== null) scope.headerGroups.push(corsHeaders);
    return scope;
  };
}

/** Tells of a request that is answered, wherever somebody wants to know. */
function createConclusion({ clock, metrics = null, nudger = null, ...logOptions }: RequestLifecycleOptions) {
  const log = accessLog(logOptions);
  return (response: Response, scope: RequestScope, background: Background | undefined, span: ActiveSpan | null) => {
    const endedAt = clock();
    const durationMs = endedAt - scope.startedAt;
    const { status } = response;
    const isLogged = log(scope, { status, durationMs });
    if (metrics !== null && background !== undefined) {
      const traceId = isLogged ? scope.trace.traceId : null;
      metrics.buffer.addRequest(scope.method, scope.route, status, durationMs, traceId, endedAt);
      metrics.schedule(background);
    }
    if (nudger !== null && background !== undefined && isChange(scope.method, status)) nudger.schedule(background);
    if (span !== null) describeRequestSpan(span, scope, status);
    return response;
  };
}

/** Whether it may have left something to send: other methods change nothing (RFC 9110 section 9.2.1), nor do refusals. */
function isChange(method: string, status: number): boolean {
  return status < 300 && (method === "POST" || method === "PATCH" || method === "DELETE");
}
