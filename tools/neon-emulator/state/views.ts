import type { BranchRecord, EndpointRecord, OperationRecord, ProjectRecord } from "./records.ts";

/** How the API shows its things. */
export function viewProject(project: ProjectRecord) {
  return {
    id: project.id,
    name: project.name,
    region_id: project.regionId,
    pg_version: project.pgVersion,
    history_retention_seconds: project.historyRetentionSeconds,
    store_passwords: true,
    created_at: project.createdAt,
  };
}

export function viewBranch(project: ProjectRecord, branch: BranchRecord) {
  return {
    id: branch.id,
    project_id: project.id,
    name: branch.name,
    current_state: "ready",
    default: branch.isDefault,
    protected: branch.isProtected,
    created_at: branch.createdAt,
    ...(branch.parentId === null ? {} : { parent_id: branch.parentId }),
    ...(branch.expiresAt === null ? {} : { expires_at: branch.expiresAt }),
  };
}

export function viewEndpoint(branch: BranchRecord, endpoint: EndpointRecord) {
  return {
    id: endpoint.id,
    branch_id: branch.id,
    type: endpoint.type,
    host: endpoint.host,
    current_state: "idle",
    autoscaling_limit_min_cu: endpoint.minCu,
    autoscaling_limit_max_cu: endpoint.maxCu,
    suspend_timeout_seconds: endpoint.suspendSeconds,
  };
}

export function viewOperation(project: ProjectRecord, operation: OperationRecord) {
  return {
    id: operation.id,
    project_id: project.id,
    action: operation.action,
    status: operation.pollsLeft > 0 ? "running" : operation.ending,
    failures_count: 0,
    ...(operation.branchId === null ? {} : { branch_id: operation.branchId }),
  };
}

export function viewRole(branch: BranchRecord, name: string) {
  return { branch_id: branch.id, name, protected: false };
}

export function viewDatabase(branch: BranchRecord, database: BranchRecord["databases"][number]) {
  return { id: database.id, branch_id: branch.id, name: database.name, owner_name: database.ownerName };
}
