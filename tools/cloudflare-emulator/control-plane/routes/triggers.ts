import { isDeepStrictEqual } from "node:util";

import { z } from "zod";

import { changeScript, type Context, findScript } from "../context.ts";
import { refuse } from "../http/api-error.ts";
import { readJson } from "../http/body.ts";
import type { ApiAnswer, RoutedCall, Route } from "../http/router.ts";
import { parseCron } from "../rules/cron.ts";
import type { ScriptRecord } from "../state/records.ts";
import { publish } from "../versions/releases.ts";
import { viewSubdomain } from "../versions/views.ts";

const SCRIPT = "/accounts/:account/workers/scripts/:script";

const subdomainSchema = z.looseObject({ enabled: z.boolean(), previews_enabled: z.boolean().optional() });
const schedulesSchema = z.array(z.looseObject({ cron: z.string() }));
const domainsSchema = z.looseObject({ origins: z.array(z.looseObject({ hostname: z.string().min(1) })) });
const routesSchema = z.array(z.looseObject({ pattern: z.string().min(1) }));

export const triggerRoutes: readonly Route[] = [
  { method: "GET", pattern: `${SCRIPT}/subdomain`, handle: showSubdomain },
  { method: "POST", pattern: `${SCRIPT}/subdomain`, handle: setSubdomain },
  { method: "GET", pattern: `${SCRIPT}/schedules`, handle: listSchedules },
  { method: "PUT", pattern: `${SCRIPT}/schedules`, handle: setSchedules },
  { method: "POST", pattern: `${SCRIPT}/domains/changeset`, handle: previewDomains },
  { method: "PUT", pattern: `${SCRIPT}/domains/records`, handle: setDomains },
  { method: "GET", pattern: `${SCRIPT}/routes`, handle: listRoutes },
  { method: "PUT", pattern: `${SCRIPT}/routes`, handle: setRoutes },
];

function showSubdomain(call: RoutedCall, context: Context): ApiAnswer {
  return { result: viewSubdomain(findScript(context, call.param("script"))) };
}

/** Version URLs follow `workers.dev` as long as nobody says otherwise. */
async function setSubdomain(call: RoutedCall, context: Context): Promise<ApiAnswer> {
  const { enabled, previews_enabled: previews = enabled } = readJson(subdomainSchema, call.body);
  const script = await change(call, context, { hasWorkersDev: enabled, hasPreviewUrls: previews });
  return { result: viewSubdomain(script) };
}

function listSchedules(call: RoutedCall, context: Context): ApiAnswer {
  return { result: viewSchedules(findScript(context, call.param("script"))) };
}

async function setSchedules(call: RoutedCall, context: Context): Promise<ApiAnswer> {
  const crons = readJson(schedulesSchema, call.body).map(({ cron }) => cron);
  for (const cron of crons) checkCron(cron);
  return { result: viewSchedules(await change(call, context, { crons })) };
}

/** What wrangler asks on a terminal before it replaces domains; here nothing is ever in the way. */
function previewDomains(): ApiAnswer {
  return { result: { added: [], updated: [], removed: [], conflicting: [] } };
}

async function setDomains(call: RoutedCall, context: Context): Promise<ApiAnswer> {
  const hostnames = readJson(domainsSchema, call.body).origins.map(({ hostname }) => hostname);
  await change(call, context, { customDomains: hostnames });
  return { result: hostnames.map((hostname) => ({ hostname, service: call.param("script") })) };
}

function listRoutes(call: RoutedCall, context: Context): ApiAnswer {
  return { result: findScript(context, call.param("script")).routes.map((pattern) => ({ pattern })) };
}

async function setRoutes(call: RoutedCall, context: Context): Promise<ApiAnswer> {
  const routes = readJson(routesSchema, call.body).map(({ pattern }) => pattern);
  await change(call, context, { routes });
  return { result: routes.map((pattern) => ({ pattern, script: call.param("script") })) };
}

/** Triggers are not versioned: they hold at once. */
async function change(call: RoutedCall, context: Context, part: Partial<ScriptRecord>): Promise<ScriptRecord> {
  return await changeScript(context, call.param("script"), async (script) => {
    const changed = { ...script, ...part };
    if (!isDeepStrictEqual(changed, script)) await publish(context, changed);
    return changed;
  });
}

function viewSchedules({ crons }: ScriptRecord) {
  return { schedules: crons.map((cron) => ({ cron })) };
}

function checkCron(cron: string): void {
  try {
    parseCron(cron);
  } catch (error) {
    throw refuse(400, "invalidCron", `invalid cron string: ${error instanceof Error ? error.message : cron}`);
  }
}
