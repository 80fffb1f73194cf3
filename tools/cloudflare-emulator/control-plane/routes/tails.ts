import { type Context, findScript } from "../context.ts";
import { refuse } from "../http/api-error.ts";
import { readJson } from "../http/body.ts";
import type { ApiAnswer, RoutedCall, Route } from "../http/router.ts";
import { tailFiltersSchema } from "../tails/tail-filter.ts";

const pattern = "/accounts/:account/workers/scripts/:script/tails";

export const tailRoutes: readonly Route[] = [
  { method: "POST", pattern, handle: createTail },
  { method: "GET", pattern, handle: listTails },
  { method: "DELETE", pattern: `${pattern}/:tail`, handle: deleteTail },
];

function createTail(call: RoutedCall, context: Context): ApiAnswer {
  const { name: scriptName } = findScript(context, call.param("script"));
  const { filters } = readJson(tailFiltersSchema, call.body);
  return { result: viewTail(call, context.tails.create({ scriptName, filters })) };
}

function listTails(call: RoutedCall, context: Context): ApiAnswer {
  const { name } = findScript(context, call.param("script"));
  return { result: context.tails.list(name).map((tail) => viewTail(call, tail)) };
}

function deleteTail(call: RoutedCall, { tails }: Context): ApiAnswer {
  if (!tails.remove(call.param("tail"))) throw refuse(404, "noRoute", "There is no such tail.");
  return { result: null };
}

/** Under the host that the client itself used, which is sure to lead here. */
function viewTail(call: RoutedCall, { id, path, expiresAt }: { id: string; path: string; expiresAt: string }) {
  return { id, url: `ws://${call.headers.get("host") ?? "127.0.0.1"}${path}`, expires_at: expiresAt };
}
