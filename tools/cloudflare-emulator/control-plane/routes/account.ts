import { createHash } from "node:crypto";

import type { Context } from "../context.ts";
import { type ApiAnswer, type RoutedCall, type Route, wholeList } from "../http/router.ts";

const ACCOUNT_NAME = "Emulator";

/** Who the caller is and what the account has besides Workers: nothing. */
export const accountRoutes: readonly Route[] = [
  { method: "GET", pattern: "/user/tokens/verify", handle: () => ({ result: { id: "emulator", status: "active" } }) },
  { method: "GET", pattern: "/user", handle: () => ({ result: { id: "emulator", email: "emulator@example.com" } }) },
  { method: "GET", pattern: "/accounts", handle: (_call, context) => wholeList([viewAccount(context)]) },
  { method: "GET", pattern: "/accounts/:account", handle: (_call, context) => ({ result: viewAccount(context) }) },
  { method: "GET", pattern: "/memberships", handle: listMemberships },
  { method: "GET", pattern: "/accounts/:account/workers/subdomain", handle: showSubdomain },
  { method: "GET", pattern: "/zones", handle: listZones },
  { method: "GET", pattern: "/zones/:zone/workers/routes", handle: listZoneRoutes },
];

function viewAccount({ accountId }: Context) {
  return { id: accountId, name: ACCOUNT_NAME, type: "standard", settings: {} };
}

function listMemberships(_call: RoutedCall, context: Context): ApiAnswer {
  return wholeList([{ id: "emulator", status: "accepted", account: viewAccount(context) }]);
}

function showSubdomain(_call: RoutedCall, { subdomain }: Context): ApiAnswer {
  return { result: { subdomain } };
}

/** Every domain that is asked for is in the account. */
function listZones(call: RoutedCall, context: Context): ApiAnswer {
  const name = call.query.get("name");
  return wholeList(name === null ? [] : [{ id: zoneId(name), name, account: viewAccount(context) }]);
}

function listZoneRoutes(call: RoutedCall, { store }: Context): ApiAnswer {
  const routes = store
    .list()
    .flatMap(({ name, routes: patterns }) => patterns.map((pattern) => ({ pattern, script: name })));
  return wholeList(routes.filter(({ pattern }) => zonesOf(pattern).includes(call.param("zone"))));
}

function zonesOf(pattern: string): readonly string[] {
  const labels = (pattern.split("/")[0] ?? "").split(".");
  return labels.map((_, index) => zoneId(labels.slice(index).join(".")));
}

function zoneId(name: string): string {
  return createHash("md5").update(name).digest("hex");
}
