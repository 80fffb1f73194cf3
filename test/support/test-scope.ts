import { RequestScope } from "../../src/http/request-scope.ts";
import { ResponseHeaders } from "../../src/http/response-headers.ts";
import { startDeadline } from "../../src/resilience/deadline.ts";

/** The scope of a request to an operation. */
export function createTestScope({ method, url, headers }: Request): RequestScope {
  const parts = {
    startDeadline: () => startDeadline(5_000),
    responseHeaders: new ResponseHeaders({ versionId: "test-version", vary: null, timing: null }),
  };
  const trace = { traceId: "0".repeat(31) + "1", spanId: "0".repeat(15) + "1", isSampled: false, tracestate: null };
  return new RequestScope(parts, { method, url, headers, requestId: "test-request", trace, startedAt: 0 });
}
