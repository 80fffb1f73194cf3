import type { HandlerContext } from "@connectrpc/connect";
import createClient, { type Client } from "openapi-fetch";

import type { paths } from "../../../client/src/schema.ts";
import { callOf, type Call } from "../call.ts";
import { toTransportError } from "../errors/transport-error.ts";
import { copyAnswerHeaders, toRequestHeaders } from "./metadata.ts";
import { refusalOf, type Refusable } from "./refusal.ts";

/** The binding to the users API. */
export interface ApiFetcher {
  fetch(request: Request): Promise<Response>;
}

/** Twice what the API allows itself for a request: it answers before, unless it does not answer at all. */
const API_TIMEOUT_MS = 10_000;

/** Only a path counts: the binding leads to one Worker, whatever the host. */
const API_ORIGIN = "https://users-api.invalid";

export interface UsersApiOptions {
  readonly fetcher: ApiFetcher;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

/** What one call does at the API. */
export interface ApiOperation<Body> extends Refusable {
  /** Sends it, by the typed client, with the options it is given. */
  readonly send: (api: Client<paths>, options: SendOptions) => Promise<ApiResult<Body>>;
}

export interface SendOptions {
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** What openapi-fetch gives. */
interface ApiResult<Body> {
  readonly data?: Body | undefined;
  readonly error?: unknown;
  readonly response: Response;
}

export interface ApiAnswer<Body> {
  /** Undefined where the answer has none, as for a deletion. */
  readonly data: Body | undefined;
  readonly headers: Headers;
}

/** Calls the API on behalf of a caller: with their credentials, in their trace, within their time. */
export interface UsersApi {
  /** @throws ConnectError for everything but a success */
  call<Body>(context: HandlerContext, operation: ApiOperation<Body>): Promise<ApiAnswer<Body>>;
}

export function createUsersApi({ fetcher, clock }: UsersApiOptions): UsersApi {
  const client = createClient<paths>({
    baseUrl: API_ORIGIN,
    redirect: "manual",
    fetch: (request) => fetcher.fetch(request),
  });
  return {
    async call(context, operation) {
      const call = callOf(context.values);
      const signal = AbortSignal.any([context.signal, AbortSignal.timeout(API_TIMEOUT_MS)]);
      const options = { headers: toRequestHeaders(context.requestHeader, call), signal };
      const startedAt = clock();
      try {
        signal.throwIfAborted();
        const { data, error, response } = await operation.send(client, options);
        copyAnswerHeaders(response.headers, context.responseHeader);
        if (!response.ok) throw refusalOf(error, response, operation, call);
        return { data, headers: response.headers };
      } catch (error) {
        throw noteError(toTransportError(error, context.signal, operation), call);
      } finally {
        call.apiMs += clock() - startedAt;
      }
    },
  };
}

/** Its cause is what did not come from the API. */
function noteError<Failure extends Error>(failure: Failure, call: Call): Failure {
  if (failure.cause !== undefined) call.error = failure.cause;
  return failure;
}
