import { z } from "zod";

import { assertUnlocked, type Context, findBranch, findProject, liveBranches, startOperation } from "../context.ts";
import { ApiError, badRequest, notFound } from "../http/api-error.ts";
import { type ApiAnswer, readBody, readQuery, type RoutedCall, type Route } from "../http/router.ts";
import { viewBranch, viewEndpoint, viewOperation } from "../state/views.ts";
import { addBranch, addEndpoint } from "./build.ts";
import { compute } from "./compute-schema.ts";
import { page } from "./page.ts";

const timestamp = z.iso.datetime({ offset: true });
const createSchema = z.strictObject({
  branch: z
    .strictObject({
      name: z.string().min(1).max(256).optional(),
      parent_id: z.string().optional(),
      protected: z.boolean().optional(),
      expires_at: timestamp.optional(),
    })
    .default({}),
  endpoints: z.array(z.strictObject({ type: z.enum(["read_write", "read_only"]), ...compute })).default([]),
});
const updateSchema = z.strictObject({
  branch: z.strictObject({
    name: z.string().optional(),
    protected: z.boolean().optional(),
    expires_at: timestamp.nullable().optional(),
  }),
});

const BRANCHES = "/projects/:project/branches";

export const branchRoutes: readonly Route[] = [
  { method: "GET", pattern: BRANCHES, handle: listBranches },
  { method: "POST", pattern: BRANCHES, handle: createBranch },
  { method: "PATCH", pattern: `${BRANCHES}/:branch`, handle: updateBranch },
  { method: "DELETE", pattern: `${BRANCHES}/:branch`, handle: deleteBranch },
];

function listBranches(call: RoutedCall, context: Context): ApiAnswer {
  const query = readQuery(call, ["limit", "cursor", "search"]);
  const project = findProject(context, call.param("project"));
  const found = liveBranches(context, project).filter(({ name }) => name.includes(query.get("search") ?? ""));
  const { items, pagination } = page(found, query, 100);
  return { status: 200, payload: { branches: items.map((branch) => viewBranch(project, branch)), pagination } };
}

async function createBranch(call: RoutedCall, context: Context): Promise<ApiAnswer> {
  const { branch: wanted, endpoints } = readBody(createSchema, call);
  const project = findProject(context, call.param("project"));
  assertUnlocked(project);
  const root = project.branches.find(({ isDefault }) => isDefault);
  const parent = findBranch(context, project, wanted.parent_id ?? root?.id ?? "");
  if (wanted.expires_at !== undefined && wanted.protected === true)
    throw badRequest("a protected branch cannot expire");
  const name = wanted.name ?? `br-${context.newId()}`;
  const branch = await addBranch(context, project, { name, parent, expiresAt: wanted.expires_at ?? null });
  branch.isProtected = wanted.protected ?? false;
  const computes = endpoints.map(({ type, ...settings }) => addEndpoint(context, branch, type, settings));
  const operations = ["create_branch", ...computes.map(() => "start_compute")].map((action) =>
    startOperation(context, project, action, branch.id),
  );
  return {
    status: 201,
    payload: {
      branch: viewBranch(project, branch),
      endpoints: computes.map((endpoint) => viewEndpoint(branch, endpoint)),
      operations: operations.map((operation) => viewOperation(project, operation)),
    },
  };
}

function updateBranch(call: RoutedCall, context: Context): ApiAnswer {
  const { branch: wanted } = readBody(updateSchema, call);
  const project = findProject(context, call.param("project"));
  const branch = findBranch(context, project, call.param("branch"));
  assertUnlocked(project);
  const expiresAt = wanted.expires_at === undefined ? branch.expiresAt : wanted.expires_at;
  const isProtected = wanted.protected ?? branch.isProtected;
  if (expiresAt !== null && (isProtected || branch.isDefault)) throw badRequest("this branch cannot expire");
  Object.assign(branch, { expiresAt, isProtected, name: wanted.name ?? branch.name });
  return { status: 200, payload: { branch: viewBranch(project, branch), operations: [] } };
}

async function deleteBranch(call: RoutedCall, context: Context): Promise<ApiAnswer> {
  const project = findProject(context, call.param("project"));
  const branch = project.branches.find(({ id }) => id === call.param("branch"));
  if (branch === undefined) throw notFound(`branch ${call.param("branch")}`);
  assertUnlocked(project);
  if (branch.isProtected || branch.isDefault) {
    throw new ApiError(422, "BRANCH_PROTECTED", "a protected or default branch cannot be deleted");
  }
  if (project.branches.some(({ parentId }) => parentId === branch.id)) {
    throw new ApiError(422, "BRANCH_HAS_CHILDREN", "a branch with children cannot be deleted");
  }
  project.branches.splice(project.branches.indexOf(branch), 1);
  await context.databases?.remove(branch.id);
  const operation = startOperation(context, project, "delete_timeline", branch.id);
  return {
    status: 200,
    payload: { branch: viewBranch(project, branch), operations: [viewOperation(project, operation)] },
  };
}
