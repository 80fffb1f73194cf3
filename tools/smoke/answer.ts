/** One answer of the deployment, read to its end. */
export interface Answer {
  readonly method: string;
  /** Path of the request, without query. */
  readonly path: string;
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The parsed body; undefined when it is not JSON. */
  readonly json: unknown;
}
