import type { DesiredState, EnvironmentName } from "../desired-state.ts";
import { NeonError } from "../neon/errors.ts";
import type { NeonApi } from "../neon/model.ts";

/** Finds what steps work on, also what was made only by an earlier step. */
export interface Site {
  projectId(): Promise<string>;
  branchId(env: EnvironmentName): Promise<string>;
  /** URL of the database's owner: a secret. */
  ownerUrl(env: EnvironmentName): Promise<string>;
}

export function createSite(neon: NeonApi, desired: DesiredState): Site {
  let knownProjectId: string | null = null;
  const projectId = async (): Promise<string> => {
    if (knownProjectId !== null) return knownProjectId;
    const project = await neon.findProject(desired.project.name);
    if (project === null) throw new NeonError(404, `Neon has no project ${desired.project.name} yet.`);
    knownProjectId = project.id;
    return project.id;
  };
  const branchId = async (env: EnvironmentName): Promise<string> => {
    const { name } = desired.branches[env];
    const branch = (await neon.listBranches(await projectId())).find((each) => each.name === name);
    if (branch === undefined) throw new NeonError(404, `Neon has no branch ${name} yet.`);
    return branch.id;
  };
  return {
    projectId,
    branchId,
    async ownerUrl(env) {
      const place = { branchId: await branchId(env), database: desired.database, role: desired.ownerRole };
      return await neon.connectionUrl(await projectId(), place);
    },
  };
}
