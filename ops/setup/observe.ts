import type { DatabaseAdmin, DatabaseState } from "../database/admin.ts";
import { type DesiredState, type EnvironmentName, ENVIRONMENTS } from "../desired-state.ts";
import type { NeonApi } from "../neon/model.ts";
import type { Branch, Endpoint, Project } from "../neon/schemas.ts";
import type { PipelineState, Stores, WorkerState } from "../secrets/stores.ts";

/** What exists, before anything is done about it. */
export interface Observation {
  readonly project: Project | null;
  readonly environments: Readonly<Record<EnvironmentName, ObservedEnvironment>>;
  /** Name of the project's default branch; null without project. */
  readonly defaultBranch: string | null;
}

export interface ObservedEnvironment {
  readonly branch: Branch | null;
  readonly endpoint: Endpoint | null;
  readonly hasOwner: boolean;
  readonly hasDatabase: boolean;
  /** Null when there is no database yet, or nothing of it matters. */
  readonly database: DatabaseState | null;
  /** Null for an environment that this run leaves alone. */
  readonly worker: WorkerState | null;
  readonly pipeline: PipelineState | null;
}

export interface Sources {
  readonly neon: NeonApi;
  readonly databases: DatabaseAdmin;
  readonly stores: Stores;
  readonly desired: DesiredState;
  /** The environments that this run is about. */
  readonly selected: readonly EnvironmentName[];
}

/** Looks at Neon, into the databases and at what keeps the secrets; changes nothing. */
export async function observe(sources: Sources): Promise<Observation> {
  const { neon, desired } = sources;
  const project = await neon.findProject(desired.project.name);
  const branches = project === null ? [] : await neon.listBranches(project.id);
  const endpoints = project === null ? [] : await neon.listEndpoints(project.id);
  const look = async (env: EnvironmentName): Promise<ObservedEnvironment> => {
    const branch = branches.find(({ name }) => name === desired.branches[env].name) ?? null;
    const endpoint = endpoints.find((each) => each.branch_id === branch?.id && each.type === "read_write") ?? null;
    const contents = await lookInside(sources, project, { branch, endpoint });
    return { branch, endpoint, ...contents, ...(await lookAtSecrets(sources, env)) };
  };
  return {
    project,
    defaultBranch: branches.find((branch) => branch.default)?.name ?? null,
    environments: Object.fromEntries(
      await Promise.all(ENVIRONMENTS.map(async (env) => [env, await look(env)])),
    ) as Observation["environments"],
  };
}

async function lookInside(
  { neon, databases, desired }: Sources,
  project: Project | null,
  { branch, endpoint }: Pick<ObservedEnvironment, "branch" | "endpoint">,
): Promise<Pick<ObservedEnvironment, "hasOwner" | "hasDatabase" | "database">> {
  if (project === null || branch === null) return { hasOwner: false, hasDatabase: false, database: null };
  const hasOwner = (await neon.listRoles(project.id, branch.id)).includes(desired.ownerRole);
  const hasDatabase = (await neon.listDatabases(project.id, branch.id)).includes(desired.database);
  if (!hasOwner || !hasDatabase || endpoint === null) return { hasOwner, hasDatabase, database: null };
  const place = { branchId: branch.id, database: desired.database, role: desired.ownerRole };
  return { hasOwner, hasDatabase, database: await databases.inspect(await neon.connectionUrl(project.id, place)) };
}

async function lookAtSecrets({ stores, selected }: Sources, env: EnvironmentName) {
  if (!selected.includes(env)) return { worker: null, pipeline: null };
  return { worker: await stores.worker.look(env), pipeline: await stores.pipeline.look(env) };
}
