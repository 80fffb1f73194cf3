import { z } from "zod";

import {
  assertUnlocked,
  type Context,
  findBranch,
  findProject,
  readWriteEndpoint,
  startOperation,
} from "../context.ts";
import { notFound } from "../http/api-error.ts";
import { type ApiAnswer, readBody, readQuery, type RoutedCall, type Route } from "../http/router.ts";
import { viewDatabase, viewEndpoint, viewOperation, viewRole } from "../state/views.ts";
import { addDatabase, addEndpoint, addRole } from "./build.ts";
import { compute } from "./compute-schema.ts";

const BRANCH = "/projects/:project/branches/:branch";
const identifier = z.string().min(1).max(63);
const roleSchema = z.strictObject({ role: z.strictObject({ name: identifier }) });
const databaseSchema = z.strictObject({ database: z.strictObject({ name: identifier, owner_name: identifier }) });
const endpointSchema = z.strictObject({
  endpoint: z.strictObject({ branch_id: z.string(), type: z.enum(["read_write", "read_only"]), ...compute }),
});
const computeSchema = z.strictObject({ endpoint: z.strictObject(compute) });

/** What branches hold: computes, roles, databases, and the way to them. */
export const contentRoutes: readonly Route[] = [
  { method: "GET", pattern: "/projects/:project/endpoints", handle: listEndpoints },
  { method: "POST", pattern: "/projects/:project/endpoints", handle: createEndpoint },
  { method: "PATCH", pattern: "/projects/:project/endpoints/:endpoint", handle: updateEndpoint },
  { method: "GET", pattern: `${BRANCH}/roles`, handle: listRoles },
  { method: "POST", pattern: `${BRANCH}/roles`, handle: createRole },
  { method: "GET", pattern: `${BRANCH}/databases`, handle: listDatabases },
  { method: "POST", pattern: `${BRANCH}/databases`, handle: createDatabase },
  { method: "GET", pattern: "/projects/:project/connection_uri", handle: showConnectionUri },
  { method: "GET", pattern: "/projects/:project/operations/:operation", handle: showOperation },
];

const subjectOf = (call: RoutedCall, context: Context) => {
  const project = findProject(context, call.param("project"));
  return { project, branch: findBranch(context, project, call.param("branch")) };
};

function listEndpoints(call: RoutedCall, context: Context): ApiAnswer {
  const { branches } = findProject(context, call.param("project"));
  const endpoints = branches.flatMap((branch) => branch.endpoints.map((endpoint) => viewEndpoint(branch, endpoint)));
  return { status: 200, payload: { endpoints } };
}

function createEndpoint(call: RoutedCall, context: Context): ApiAnswer {
  const { branch_id: branchId, type, ...settings } = readBody(endpointSchema, call).endpoint;
  const project = findProject(context, call.param("project"));
  assertUnlocked(project);
  const branch = findBranch(context, project, branchId);
  const endpoint = addEndpoint(context, branch, type, settings);
  const operation = startOperation(context, project, "start_compute", branch.id);
  const payload = { endpoint: viewEndpoint(branch, endpoint), operations: [viewOperation(project, operation)] };
  return { status: 201, payload };
}

function updateEndpoint(call: RoutedCall, context: Context): ApiAnswer {
  const { endpoint: wanted } = readBody(computeSchema, call);
  const project = findProject(context, call.param("project"));
  const id = call.param("endpoint");
  const branch = project.branches.find(({ endpoints }) => endpoints.some((each) => each.id === id));
  const endpoint = branch?.endpoints.find((each) => each.id === id);
  if (branch === undefined || endpoint === undefined) throw notFound(`endpoint ${id}`);
  assertUnlocked(project);
  endpoint.minCu = wanted.autoscaling_limit_min_cu ?? endpoint.minCu;
  endpoint.maxCu = wanted.autoscaling_limit_max_cu ?? endpoint.maxCu;
  endpoint.suspendSeconds = wanted.suspend_timeout_seconds ?? endpoint.suspendSeconds;
  const operation = startOperation(context, project, "apply_config", branch.id);
  const payload = { endpoint: viewEndpoint(branch, endpoint), operations: [viewOperation(project, operation)] };
  return { status: 200, payload };
}

function listRoles(call: RoutedCall, context: Context): ApiAnswer {
  const { branch } = subjectOf(call, context);
  return { status: 200, payload: { roles: branch.roles.map(({ name }) => viewRole(branch, name)) } };
}

async function createRole(call: RoutedCall, context: Context): Promise<ApiAnswer> {
  const { name } = readBody(roleSchema, call).role;
  const { project, branch } = subjectOf(call, context);
  assertUnlocked(project);
  const { password } = await addRole(context, branch, name);
  const operation = startOperation(context, project, "apply_config", branch.id);
  const role = { ...viewRole(branch, name), password };
  return { status: 201, payload: { role, operations: [viewOperation(project, operation)] } };
}

function listDatabases(call: RoutedCall, context: Context): ApiAnswer {
  const { branch } = subjectOf(call, context);
  return { status: 200, payload: { databases: branch.databases.map((database) => viewDatabase(branch, database)) } };
}

async function createDatabase(call: RoutedCall, context: Context): Promise<ApiAnswer> {
  const { name, owner_name: owner } = readBody(databaseSchema, call).database;
  const { project, branch } = subjectOf(call, context);
  assertUnlocked(project);
  if (!branch.roles.some((role) => role.name === owner)) throw notFound(`role ${owner}`);
  const database = await addDatabase(context, branch, name, owner);
  const operation = startOperation(context, project, "apply_config", branch.id);
  const payload = { database: viewDatabase(branch, database), operations: [viewOperation(project, operation)] };
  return { status: 201, payload };
}

function showConnectionUri(call: RoutedCall, context: Context): ApiAnswer {
  const query = readQuery(
    call,
    ["branch_id", "database_name", "role_name", "pooled", "endpoint_id"],
    ["database_name", "role_name"],
  );
  const project = findProject(context, call.param("project"));
  const root = project.branches.find(({ isDefault }) => isDefault);
  const branch = findBranch(context, project, query.get("branch_id") ?? root?.id ?? "");
  const role = branch.roles.find(({ name }) => name === query.get("role_name"));
  const database = branch.databases.find(({ name }) => name === query.get("database_name"));
  const endpoint = readWriteEndpoint(branch);
  if (role === undefined || database === undefined || endpoint === undefined)
    throw notFound("role, database or compute");
  const [label, ...rest] = endpoint.host.split(".");
  const host = query.get("pooled") === "true" ? [`${label}-pooler`, ...rest].join(".") : endpoint.host;
  return { status: 200, payload: { uri: `postgresql://${role.name}:${role.password}@${host}/${database.name}` } };
}

/** Each look brings it nearer to its end. */
function showOperation(call: RoutedCall, context: Context): ApiAnswer {
  const project = findProject(context, call.param("project"));
  const operation = project.operations.find(({ id }) => id === call.param("operation"));
  if (operation === undefined) throw notFound("operation");
  operation.pollsLeft = Math.max(0, operation.pollsLeft - 1);
  return { status: 200, payload: { operation: viewOperation(project, operation) } };
}
