import { z } from "zod";

import { assertUnlocked, type Context, findProject, startOperation } from "../context.ts";
import { badRequest } from "../http/api-error.ts";
import { type ApiAnswer, readBody, readQuery, type RoutedCall, type Route } from "../http/router.ts";
import type { ProjectRecord } from "../state/records.ts";
import { viewBranch, viewDatabase, viewEndpoint, viewOperation, viewProject, viewRole } from "../state/views.ts";
import { addBranch, addDatabase, addEndpoint, addRole } from "./build.ts";
import { compute } from "./compute-schema.ts";
import { page } from "./page.ts";

const REGIONS = ["aws-us-east-1", "aws-us-east-2", "aws-us-west-2", "aws-eu-central-1", "aws-eu-west-2"];
const PG_VERSIONS = [14, 15, 16, 17, 18];
const DEFAULT_RETENTION_SECONDS = 86_400;
const MAX_RETENTION_SECONDS = 2_592_000;

const retention = z.int().min(0).max(MAX_RETENTION_SECONDS);
const createSchema = z.strictObject({
  project: z.strictObject({
    name: z.string().min(1).max(256).default("unnamed"),
    region_id: z.enum(REGIONS).default("aws-us-east-2"),
    pg_version: z.literal(PG_VERSIONS).default(17),
    org_id: z.string().optional(),
    store_passwords: z.boolean().optional(),
    history_retention_seconds: retention.default(DEFAULT_RETENTION_SECONDS),
    default_endpoint_settings: z.strictObject(compute).default({}),
    branch: z
      .strictObject({
        name: z.string().optional(),
        role_name: z.string().optional(),
        database_name: z.string().optional(),
      })
      .default({}),
  }),
});
const updateSchema = z.strictObject({
  project: z.strictObject({ name: z.string().optional(), history_retention_seconds: retention.optional() }),
});

export const projectRoutes: readonly Route[] = [
  { method: "GET", pattern: "/projects", handle: listProjects },
  { method: "POST", pattern: "/projects", handle: createProject },
  { method: "GET", pattern: "/projects/:project", handle: showProject },
  { method: "PATCH", pattern: "/projects/:project", handle: updateProject },
];

function listProjects(call: RoutedCall, { projects }: Context): ApiAnswer {
  const query = readQuery(call, ["limit", "cursor", "search", "org_id"]);
  const search = query.get("search") ?? "";
  const found = projects.filter(({ name, id }) => name.includes(search) || id === search);
  const { items, pagination } = page(found, query, 10);
  return { status: 200, payload: { projects: items.map(viewProject), pagination } };
}

function showProject(call: RoutedCall, context: Context): ApiAnswer {
  return { status: 200, payload: { project: viewProject(findProject(context, call.param("project"))) } };
}

/** Makes the project with its first branch, compute, role and database, as Neon does in one call. */
async function createProject(call: RoutedCall, context: Context): Promise<ApiAnswer> {
  const { project: wanted } = readBody(createSchema, call);
  const project: ProjectRecord = {
    id: `project-${context.newId()}`,
    name: wanted.name,
    regionId: wanted.region_id,
    pgVersion: wanted.pg_version,
    createdAt: context.now().toISOString(),
    historyRetentionSeconds: wanted.history_retention_seconds,
    branches: [],
    operations: [],
  };
  const branch = await addBranch(context, project, {
    name: wanted.branch.name ?? "main",
    parent: null,
    expiresAt: null,
  });
  const role = await addRole(context, branch, wanted.branch.role_name ?? "neondb_owner");
  const database = await addDatabase(context, branch, wanted.branch.database_name ?? "neondb", role.name);
  const endpoint = addEndpoint(context, branch, "read_write", wanted.default_endpoint_settings);
  context.projects.push(project);
  const operations = ["create_timeline", "start_compute"].map((action) =>
    startOperation(context, project, action, branch.id),
  );
  return {
    status: 201,
    payload: {
      project: viewProject(project),
      branch: viewBranch(project, branch),
      endpoints: [viewEndpoint(branch, endpoint)],
      roles: [{ ...viewRole(branch, role.name), password: role.password }],
      databases: [viewDatabase(branch, database)],
      operations: operations.map((operation) => viewOperation(project, operation)),
    },
  };
}

function updateProject(call: RoutedCall, context: Context): ApiAnswer {
  const { project: wanted } = readBody(updateSchema, call);
  const project = findProject(context, call.param("project"));
  assertUnlocked(project);
  if (wanted.name !== undefined && wanted.name !== project.name) throw badRequest("the emulator renames no project");
  project.historyRetentionSeconds = wanted.history_retention_seconds ?? project.historyRetentionSeconds;
  return { status: 200, payload: { project: viewProject(project), operations: [] } };
}
