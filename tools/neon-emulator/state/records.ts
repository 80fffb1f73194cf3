/** What the emulated Neon knows, in the terms of its API. */
export interface ProjectRecord {
  readonly id: string;
  readonly name: string;
  readonly regionId: string;
  readonly pgVersion: number;
  readonly createdAt: string;
  historyRetentionSeconds: number;
  readonly branches: BranchRecord[];
  readonly operations: OperationRecord[];
}

export interface BranchRecord {
  readonly id: string;
  name: string;
  readonly parentId: string | null;
  readonly isDefault: boolean;
  isProtected: boolean;
  /** RFC 3339; null for one that stays. */
  expiresAt: string | null;
  readonly createdAt: string;
  readonly endpoints: EndpointRecord[];
  readonly roles: RoleRecord[];
  readonly databases: { readonly id: number; readonly name: string; readonly ownerName: string }[];
}

export interface EndpointRecord {
  readonly id: string;
  readonly type: "read_write" | "read_only";
  readonly host: string;
  /** In compute units: 0.25 to 56. */
  minCu: number;
  maxCu: number;
  /** 0 is the plan's default, -1 never. */
  suspendSeconds: number;
}

export interface RoleRecord {
  readonly name: string;
  readonly password: string;
}

export interface OperationRecord {
  readonly id: string;
  readonly action: string;
  readonly branchId: string | null;
  /** How often it is still looked at as running. */
  pollsLeft: number;
  /** What it ends as; one that failed is tried again by Neon, hence no end. */
  readonly ending: "finished" | "failed" | "cancelled";
}
