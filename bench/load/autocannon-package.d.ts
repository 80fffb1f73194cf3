/** The part of the package's interface that is used here; it has no types of its own. */
declare module "autocannon" {
  interface Request {
    method?: string;
    path?: string;
    headers?: Record<string, string>;
    body?: string | undefined;
  }

  interface Options {
    url: string;
    connections: number;
    /** Seconds. */
    duration: number;
    /** Seconds. */
    timeout: number;
    /** Requests per second over all connections; as many as are answered when absent. */
    overallRate?: number;
    requests: { setupRequest: (request: Request) => Request }[];
  }

  interface Result {
    /** Seconds. */
    duration: number;
    /** Requests without an answer, those that took too long among them. */
    errors: number;
  }

  interface Instance extends PromiseLike<Result> {
    on(
      event: "response",
      listener: (client: unknown, statusCode: number, resBytes: number, responseTimeMs: number) => void,
    ): void;
    stop(): void;
  }

  export default function autocannon(options: Options): Instance;
}
