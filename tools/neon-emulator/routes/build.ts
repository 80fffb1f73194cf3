import type { Context } from "../context.ts";
import { conflict } from "../http/api-error.ts";
import type { BranchRecord, EndpointRecord, ProjectRecord, RoleRecord } from "../state/records.ts";
import type { ComputeSettings } from "./compute-schema.ts";

const DEFAULT_CU = 0.25;

interface NewBranch {
  readonly name: string;
  /** Null for the first one of a project, its default. */
  readonly parent: BranchRecord | null;
  readonly expiresAt: string | null;
}

/** Adds a branch with all that its parent has. Below a protected one, roles get new passwords, as with Neon. */
export async function addBranch(context: Context, project: ProjectRecord, wanted: NewBranch): Promise<BranchRecord> {
  const { parent, name, expiresAt } = wanted;
  if (project.branches.some((each) => each.name === name)) throw conflict(`branch ${name} already exists`);
  const branch: BranchRecord = {
    id: `br-${context.newId()}`,
    name,
    parentId: parent === null ? null : parent.id,
    isDefault: parent === null,
    isProtected: false,
    expiresAt,
    createdAt: context.now().toISOString(),
    endpoints: [],
    roles: [],
    databases: parent === null ? [] : [...parent.databases],
  };
  await context.databases?.create(branch.id, branch.parentId);
  if (parent !== null) branch.roles.push(...(await copyRoles(context, branch.id, parent)));
  project.branches.push(branch);
  return branch;
}

async function copyRoles(context: Context, branchId: string, parent: BranchRecord): Promise<readonly RoleRecord[]> {
  if (!parent.isProtected) return parent.roles;
  const roles = parent.roles.map(({ name }) => ({ name, password: context.newPassword() }));
  for (const { name, password } of roles) await context.databases?.createRole(branchId, name, password);
  return roles;
}

/** @throws ApiError 409 when there is one already */
export function addEndpoint(
  context: Context,
  branch: BranchRecord,
  type: EndpointRecord["type"],
  settings: ComputeSettings,
): EndpointRecord {
  if (type === "read_write" && branch.endpoints.some((each) => each.type === type)) {
    throw conflict("read_write endpoint already exists");
  }
  const id = `ep-${context.newId()}`;
  const endpoint: EndpointRecord = {
    id,
    type,
    host: context.databases?.hostOf(branch.id) ?? `${id}.emulated.invalid`,
    minCu: settings.autoscaling_limit_min_cu ?? DEFAULT_CU,
    maxCu: settings.autoscaling_limit_max_cu ?? settings.autoscaling_limit_min_cu ?? DEFAULT_CU,
    suspendSeconds: settings.suspend_timeout_seconds ?? 0,
  };
  branch.endpoints.push(endpoint);
  return endpoint;
}

/** @throws ApiError 409 when there is one already */
export async function addRole(context: Context, branch: BranchRecord, name: string): Promise<RoleRecord> {
  if (branch.roles.some((role) => role.name === name)) throw conflict(`role ${name} already exists`);
  const role = { name, password: context.newPassword() };
  await context.databases?.createRole(branch.id, name, role.password);
  branch.roles.push(role);
  return role;
}

/** @throws ApiError 409 when there is one already */
export async function addDatabase(context: Context, branch: BranchRecord, name: string, ownerName: string) {
  if (branch.databases.some((database) => database.name === name)) throw conflict(`database ${name} already exists`);
  const database = { id: branch.databases.length + 1, name, ownerName };
  await context.databases?.createDatabase(branch.id, name, ownerName);
  branch.databases.push(database);
  return database;
}
