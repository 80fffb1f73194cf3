/**
 * What exists at Neon, once `npm run setup` has run. Change it here, look with `npm run setup -- --dry-run`, then run it: what
 * is missing is made, what differs is changed, and nothing is ever deleted.
 */
export const DESIRED_STATE: DesiredState = {
  project: {
    name: "users-api",
    /** Next to `placement.region` in wrangler.toml: 1 to 3 ms per query instead of 20 to 100. It can never be changed. */
    region: "aws-eu-central-1",
    /** It can never be changed either: another version is another project, and a move. */
    postgresVersion: 18,
    /** How far back a branch can be restored. Seven days is what every paid plan of Neon allows. */
    historyRetentionSeconds: 7 * 86_400,
  },
  database: "users",
  /** Owns the tables, runs migrations. Neon makes it an administrator of the branch, so the Worker never gets it. */
  ownerRole: "users_owner",
  branches: {
    production: {
      name: "production",
      parent: null,
      /** Neon refuses to delete it then, or the project. Protected branches need a paid plan. */
      isProtected: true,
      /** The least stays awake: no request waits for a compute to start. */
      compute: { minCu: 0.25, maxCu: 2, suspendSeconds: -1 },
    },
    staging: {
      name: "staging",
      parent: "production",
      isProtected: false,
      compute: { minCu: 0.25, maxCu: 1, suspendSeconds: 300 },
    },
  },
};

export const ENVIRONMENTS = ["staging", "production"] as const;
export type EnvironmentName = (typeof ENVIRONMENTS)[number];

/** Limits of a branch's compute. */
export interface Compute {
  /** In compute units of Neon: 1 is a processor with 4 GB of memory. */
  readonly minCu: number;
  readonly maxCu: number;
  /** Idle time until it is suspended: -1 never, 0 the plan's default. */
  readonly suspendSeconds: number;
}

export interface DesiredBranch {
  readonly name: string;
  /** Null for the project's first branch, which is its default. */
  readonly parent: EnvironmentName | null;
  readonly isProtected: boolean;
  readonly compute: Compute;
}

export interface DesiredState {
  readonly project: {
    readonly name: string;
    /** As Neon names it: `aws-eu-central-1`. */
    readonly region: string;
    readonly postgresVersion: number;
    readonly historyRetentionSeconds: number;
  };
  readonly database: string;
  readonly ownerRole: string;
  readonly branches: Readonly<Record<EnvironmentName, DesiredBranch>>;
}
