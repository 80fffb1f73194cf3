import { changeScript, type Context, findScript } from "../context.ts";
import type { ApiAnswer, RoutedCall, Route } from "../http/router.ts";
import { viewService, viewSubdomain } from "../versions/views.ts";

const ACCOUNT = "/accounts/:account/workers";

export const serviceRoutes: readonly Route[] = [
  { method: "GET", pattern: `${ACCOUNT}/services/:script`, handle: showService },
  { method: "DELETE", pattern: `${ACCOUNT}/services/:script`, handle: deleteScript },
  { method: "DELETE", pattern: `${ACCOUNT}/scripts/:script`, handle: deleteScript },
  { method: "GET", pattern: `${ACCOUNT}/scripts`, handle: listScripts },
  { method: "GET", pattern: `${ACCOUNT}/workers/:script`, handle: showWorker },
  { method: "GET", pattern: `${ACCOUNT}/scripts/:script/references`, handle: showReferences },
  { method: "GET", pattern: `${ACCOUNT}/tails/by-consumer/:script`, handle: () => ({ result: [] }) },
];

function showService(call: RoutedCall, context: Context): ApiAnswer {
  return { result: viewService(findScript(context, call.param("script"))) };
}

/** What newer versions of wrangler ask instead of the script's subdomain. */
function showWorker(call: RoutedCall, context: Context): ApiAnswer {
  const script = findScript(context, call.param("script"));
  const url = `https://${script.name}.${context.subdomain}.workers.dev`;
  return { result: { id: script.tag, name: script.name, subdomain: { ...viewSubdomain(script), url } } };
}

function listScripts(_call: RoutedCall, { store }: Context): ApiAnswer {
  return { result: store.list().map((script) => ({ id: script.name, tag: script.tag, created_on: script.createdOn })) };
}

async function deleteScript(call: RoutedCall, context: Context): Promise<ApiAnswer> {
  return await changeScript(context, call.param("script"), async ({ name }) => {
    await context.dataPlane.remove(name);
    await context.store.remove(name);
    await releaseQueues(context, name);
    return { result: null };
  });
}

/** Its queues keep their messages until somebody else consumes them. */
async function releaseQueues({ queues }: Context, script: string): Promise<void> {
  for (const queue of queues.list().filter(({ consumer }) => consumer?.script === script))
    await queues.save({ ...queue, consumer: null });
}

/** Who would miss the script; wrangler asks before it deletes one. */
function showReferences(call: RoutedCall, context: Context): ApiAnswer {
  const { name } = findScript(context, call.param("script"));
  const incoming = context.store
    .list()
    .filter(({ versions }) =>
      versions.at(-1)?.bindings.some(({ type, service }) => type === "service" && service === name),
    )
    .map((script) => ({ service: script.name, environment: "production" }));
  return {
    result: {
      services: { incoming, outgoing: [], pages_function: false },
      durable_objects: [],
      dispatch_outbounds: [],
    },
  };
}
