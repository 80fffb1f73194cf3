import { timingSafeEqual } from "node:crypto";

import type { Context } from "../context.ts";
import { ApiError, ERROR_CODES, refuse } from "./api-error.ts";
import { failBy, type Outcome, succeed } from "./envelope.ts";
import { type ApiCall, matchRoute, type Route } from "./router.ts";

export interface DispatchOptions {
  readonly routes: readonly Route[];
  readonly context: Context;
  readonly apiToken: string;
  readonly log: (line: string) => void;
}

/** Answers a call as Cloudflare's API does: credentials first, then the endpoint, then the account, then the work itself. */
export function createDispatch({
  routes,
  context,
  apiToken,
  log,
}: DispatchOptions): (call: ApiCall) => Promise<Outcome> {
  const run = async (call: ApiCall): Promise<Outcome> => {
    const match = matchRoute(routes, call.method, call.path);
    if (match?.route.hasOwnCredentials !== true) checkToken(call, apiToken);
    if (match === null) throw noRoute(call);
    if (match.route.pattern.includes("/:account")) checkAccount(match.param("account"), context.accountId);
    return succeed(await match.route.handle({ ...call, param: match.param }, context));
  };
  return async (call) => {
    try {
      return await run(call);
    } catch (error) {
      const isNews = !(error instanceof ApiError) || error.entries.some(({ code }) => code === ERROR_CODES.noRoute);
      if (isNews) log(`${call.method} ${call.path}: ${describe(error)}`);
      return failBy(error);
    }
  };
}

function describe(error: unknown): string {
  if (error instanceof ApiError || !(error instanceof Error))
    return error instanceof Error ? error.message : String(error);
  return error.stack ?? error.message;
}

function checkToken({ headers }: ApiCall, apiToken: string): void {
  const given = Buffer.from(headers.get("authorization") ?? "");
  const expected = Buffer.from(`Bearer ${apiToken}`);
  const isRight = given.length === expected.length && timingSafeEqual(given, expected);
  if (!isRight) throw refuse(401, "authentication", "Authentication error");
}

function checkAccount(given: string, expected: string): void {
  if (given === expected) return;
  throw refuse(
    404,
    "unknownAccount",
    `Could not route to /accounts/${given}, perhaps your object identifier is invalid?`,
  );
}

/** Names the call, so that the new call of a newer wrangler is seen at once. */
function noRoute({ method, path }: ApiCall): ApiError {
  return refuse(404, "noRoute", `No route for that URI: the emulator does not know ${method} ${path}`);
}
