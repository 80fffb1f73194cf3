/** What a problem type means, for its page at `/problems/{code}` and for the error response itself. */
export interface ProblemType {
  readonly status: 400 | 401 | 403 | 404 | 405 | 406 | 409 | 410 | 412 | 413 | 415 | 422 | 428 | 429 | 500 | 503 | 504;
  /** Short and the same in every occurrence (RFC 9457 section 3.1.3). */
  readonly title: string;
  /** What happened, for this kind of problem. */
  readonly detail: string;
  /** What the client should do next. */
  readonly remedy: string;
  /** Seconds to wait before the same request is worth repeating. */
  readonly retryAfterSeconds?: number;
}
