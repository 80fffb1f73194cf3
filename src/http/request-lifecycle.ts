import type { Background, Metrics } from "../observability/metrics.ts";
import { continueTrace } from "../observability/trace-context.ts";
import { accessLog, type AccessLogOptions } from "./middleware/access-log.ts";
import { cors as createCors, corsVary, type CorsOptions } from "./middleware/cors.ts";
import { readRequestId } from "./middleware/request-id.ts";
import { discardUnreadBody } from "./middleware/unread-body.ts";
import { RequestScope, type RequestScopeParts } from "./request-scope.ts";
import { ResponseHeaders } from "./response-headers.ts";

export interface RequestLifecycleOptions extends AccessLogOptions, Omit<RequestScopeParts, "responseHeaders"> {
  readonly cors: CorsOptions;
  /** Version of the Worker, for `X-Version-Id`. */
  readonly versionId: string;
  /** Absent or null where nobody measures. */
  readonly metrics?: Metrics | null;
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
  const { clock, cors, versionId, startDeadline, metrics = null } = options;
  const responseHeaders = new ResponseHeaders({ versionId, vary: corsVary(cors) });
  const parts = { startDeadline, responseHeaders };
  const corsHeadersOf = createCors(cors);
  const log = accessLog(options);

  const open = ({ method, url, headers }: Request): RequestScope => {
    const trace = continueTrace(headers.get("traceparent"));
    const scope = new RequestScope(parts, { method, url, headers, requestId: readRequestId(headers), trace });
    const corsHeaders = corsHeadersOf(scope);
    if (corsHeaders !== null) scope.headerGroups.push(corsHeaders);
    return scope;
  };

  return (request, background) => {
    const startedAt = clock();
    const scope = open(request);
    const conclude = (response: Response): Response => {
      const durationMs = clock() - startedAt;
      log(response, scope, durationMs);
      if (metrics !== null && background !== undefined) {
        metrics.buffer.addRequest(scope.method, scope.route, response.status, durationMs);
        metrics.schedule(background);
      }
      return response;
    };
    const finish = (response: Response): Response | Promise<Response> => {
      const discarded = discardUnreadBody(request, scope);
      return discarded === null ? conclude(response) : discarded.then(() => conclude(response));
    };
    const response = answer(request, scope);
    return response instanceof Promise ? response.then(finish) : finish(response);
  };
}
