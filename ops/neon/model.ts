import type { Compute } from "../desired-state.ts";
import type { Branch, Endpoint, Project } from "./schemas.ts";

/** The calls of Neon's API that set-up and previews make. A change resolves when Neon has carried it out. */
export type NeonApi = ProjectCalls & BranchCalls & ContentCalls;

export interface ProjectCalls {
  /** Null when there is none. @throws NeonError when several have the name */
  findProject(name: string): Promise<Project | null>;
  createProject(project: NewProject): Promise<Project>;
  setHistoryRetention(projectId: string, seconds: number): Promise<void>;
}

/** Branches, and their computes. */
export interface BranchCalls {
  listBranches(projectId: string): Promise<readonly Branch[]>;
  createBranch(projectId: string, branch: NewBranch): Promise<Branch>;
  updateBranch(projectId: string, branchId: string, change: BranchChange): Promise<void>;
  /** One that is gone already is no error. */
  deleteBranch(projectId: string, branchId: string): Promise<void>;
  listEndpoints(projectId: string): Promise<readonly Endpoint[]>;
  createEndpoint(projectId: string, branchId: string, compute: Compute): Promise<void>;
  setCompute(projectId: string, endpointId: string, compute: Compute): Promise<void>;
}

/** Roles and databases of a branch, and the way to them. */
export interface ContentCalls {
  /** Names of those that Neon knows; roles made with SQL may be among them. */
  listRoles(projectId: string, branchId: string): Promise<readonly string[]>;
  /** Neon makes it a member of `neon_superuser`: an administrator. */
  createRole(projectId: string, branchId: string, name: string): Promise<void>;
  listDatabases(projectId: string, branchId: string): Promise<readonly string[]>;
  createDatabase(projectId: string, branchId: string, name: string, owner: string): Promise<void>;
  /** A direct URL, not that of the pooler, with the role's password: a secret. */
  connectionUrl(projectId: string, place: Place): Promise<string>;
}

export interface Place {
  readonly branchId: string;
  readonly database: string;
  readonly role: string;
}

export interface NewProject {
  readonly name: string;
  readonly region: string;
  readonly postgresVersion: number;
  readonly historyRetentionSeconds: number;
  readonly branch: string;
  readonly role: string;
  readonly database: string;
  readonly compute: Compute;
}

export interface NewBranch {
  readonly name: string;
  readonly parentId: string;
  readonly compute: Compute;
  /** RFC 3339. */
  readonly expiresAt?: string;
}

export interface BranchChange {
  readonly isProtected?: boolean;
  /** RFC 3339. */
  readonly expiresAt?: string;
}
