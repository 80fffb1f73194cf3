import type { EnvironmentName } from "../desired-state.ts";

/** Values by the names of their variables. */
export type Secrets = Readonly<Record<string, string>>;

/** What a Worker's own secrets are: each is needed before it serves. */
export const WORKER_SECRETS = ["DATABASE_URL", "API_KEYS", "CURSOR_SECRET"] as const;
/** What a release needs (docs/releases.md, Variables). */
export const PIPELINE_SECRETS = ["CLOUDFLARE_API_TOKEN", "MIGRATION_DATABASE_URL", "RELEASE_API_KEYS"] as const;

/** Names of the secrets that are kept; null where nobody can look, as with those that were printed. */
export interface WorkerState {
  readonly isDeployed: boolean;
  readonly names: readonly string[] | null;
}

export interface PipelineState {
  readonly secrets: readonly string[] | null;
  readonly variables: readonly string[] | null;
}

/** Keeps the secrets of the Workers. */
export interface WorkerStore {
  /** Where they go, for the plan. */
  readonly place: string;
  look(env: EnvironmentName): Promise<WorkerState>;
  /** A Worker that does not exist yet is deployed with them. */
  keep(env: EnvironmentName, secrets: Secrets, state: WorkerState): Promise<void>;
  /** Where the Worker answers; null for a store that does not know. */
  readonly address: ((env: EnvironmentName) => Promise<string>) | null;
}

/** Keeps what releases need. */
export interface PipelineStore {
  readonly place: string;
  look(env: EnvironmentName): Promise<PipelineState>;
  keep(env: EnvironmentName, values: { readonly secrets: Secrets; readonly variables: Secrets }): Promise<void>;
}

export interface Stores {
  readonly worker: WorkerStore;
  readonly pipeline: PipelineStore;
}
