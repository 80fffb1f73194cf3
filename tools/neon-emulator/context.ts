import { locked, notFound } from "./http/api-error.ts";
import type { BranchRecord, EndpointRecord, OperationRecord, ProjectRecord } from "./state/records.ts";

/** The databases of branches; without one, connection strings lead nowhere. */
export interface BranchDatabases {
  /** Makes the database server of a branch, empty or with all that its parent's holds. */
  create(branchId: string, parentId: string | null): Promise<void>;
  /** Makes a role as Neon's API does: a member of `neon_superuser`. */
  createRole(branchId: string, name: string, password: string): Promise<void>;
  createDatabase(branchId: string, name: string, owner: string): Promise<void>;
  /** Ends it, with its data. */
  remove(branchId: string): Promise<void>;
  /** Host and port for connection strings. */
  hostOf(branchId: string): string;
}

/** What handlers work with. */
export interface Context {
  readonly projects: ProjectRecord[];
  readonly databases: BranchDatabases | null;
  /** Looks that an operation takes to finish. */
  readonly pollsPerOperation: number;
  readonly now: () => Date;
  /** A short unique text for an id. */
  readonly newId: () => string;
  readonly newPassword: () => string;
}

export function findProject({ projects }: Context, id: string): ProjectRecord {
  const project = projects.find((each) => each.id === id);
  if (project === undefined) throw notFound(`project ${id}`);
  return project;
}

/** A branch that has not expired: Neon deletes those that have. */
export function findBranch(context: Context, project: ProjectRecord, id: string): BranchRecord {
  const branch = liveBranches(context, project).find((each) => each.id === id);
  if (branch === undefined) throw notFound(`branch ${id}`);
  return branch;
}

export function liveBranches({ now }: Context, project: ProjectRecord): readonly BranchRecord[] {
  return project.branches.filter(({ expiresAt }) => expiresAt === null || new Date(expiresAt) > now());
}

/**
 * Lets a change of a project through while none of its operations runs; each refused attempt counts as a look.
 * @throws ApiError 423
 */
export function assertUnlocked(project: ProjectRecord): void {
  const running = project.operations.filter(({ pollsLeft }) => pollsLeft > 0);
  for (const operation of running) operation.pollsLeft -= 1;
  if (running.length > 0) throw locked();
}

export function startOperation(
  context: Context,
  project: ProjectRecord,
  action: string,
  branchId: string | null = null,
): OperationRecord {
  const operation = {
    id: `op-${context.newId()}`,
    action,
    branchId,
    pollsLeft: context.pollsPerOperation,
    ending: "finished",
  } as const;
  project.operations.push(operation);
  return operation;
}

/** The compute that answers for a branch; only with one can it be connected to. */
export function readWriteEndpoint(branch: BranchRecord): EndpointRecord | undefined {
  return branch.endpoints.find(({ type }) => type === "read_write");
}
