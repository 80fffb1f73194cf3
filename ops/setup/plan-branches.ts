import type { Compute, DesiredBranch, DesiredState, EnvironmentName } from "../desired-state.ts";
import type { NeonApi } from "../neon/model.ts";
import type { Endpoint } from "../neon/schemas.ts";
import type { Observation } from "./observe.ts";
import type { Site } from "./site.ts";
import { change, create, keep, refuse, type Step } from "./step.ts";

export interface PlanTools {
  readonly desired: DesiredState;
  readonly neon: NeonApi;
  readonly site: Site;
}

/** The branch of an environment, its protection, its compute, and the role and the database in it. */
export function planBranch(env: EnvironmentName, observation: Observation, tools: PlanTools): readonly Step[] {
  const branch = planBranchItself(env, observation, tools);
  if (branch.action === "refuse") return [branch];
  return [
    branch,
    ...planProtection(env, observation, tools),
    ...planCompute(env, observation, tools),
    ...planContents(env, observation, tools),
  ];
}

function planBranchItself(env: EnvironmentName, observation: Observation, { desired, neon, site }: PlanTools): Step {
  const wanted = desired.branches[env];
  const subject = `${env}: branch`;
  if (observation.environments[env].branch !== null) return keep(subject, wanted.name);
  if (wanted.parent === null) {
    if (observation.project === null) return create(subject, `${wanted.name}, with the project`, nothing);
    const found = observation.defaultBranch ?? "none";
    return refuse(
      subject,
      `the project's default branch is ${found}, not ${wanted.name}: rename it at Neon's console, or here in ops/desired-state.ts`,
    );
  }
  const parent = desired.branches[wanted.parent];
  if (observation.environments[wanted.parent].database?.hasTables === true) {
    return refuse(subject, copyWarning(wanted, parent));
  }
  return create(subject, `${wanted.name}, from the empty ${parent.name}`, async () => {
    const parentId = await site.branchId(wanted.parent ?? env);
    await neon.createBranch(await site.projectId(), { name: wanted.name, parentId, compute: wanted.compute });
  });
}

/** A branch starts as a copy of its parent: harmless while that is empty, a leak of people's data later. */
function copyWarning({ name }: DesiredBranch, parent: DesiredBranch): string {
  return (
    `a branch made now would be a copy of ${parent.name} with all its data. Make ${name} at Neon's console as a schema-only ` +
    `branch, and copy the rows of public.schema_migrations into it`
  );
}

function planProtection(
  env: EnvironmentName,
  { environments }: Observation,
  { desired, neon, site }: PlanTools,
): Step[] {
  const { isProtected } = desired.branches[env];
  const subject = `${env}: protection`;
  const isNow = environments[env].branch?.protected ?? false;
  // Taking protection away is a step towards deletion, and not ours to make.
  if (!isProtected) return isNow ? [keep(subject, "protected, which ops/desired-state.ts does not ask for")] : [];
  if (isNow) return [keep(subject, "cannot be deleted or reset")];
  return [
    change(subject, "cannot be deleted or reset from now on", async () => {
      await neon.updateBranch(await site.projectId(), await site.branchId(env), { isProtected });
    }),
  ];
}

function planCompute(env: EnvironmentName, { environments }: Observation, { desired, neon, site }: PlanTools): Step[] {
  const { compute } = desired.branches[env];
  const { branch, endpoint } = environments[env];
  const subject = `${env}: compute`;
  if (branch === null) return [create(subject, `${describe(compute)}, with the branch`, nothing)];
  if (endpoint === null) {
    const apply = async (): Promise<void> => neon.createEndpoint(await site.projectId(), branch.id, compute);
    return [create(subject, describe(compute), apply)];
  }
  const found = toCompute(endpoint);
  if (describe(found) === describe(compute)) return [keep(subject, describe(compute))];
  const apply = async (): Promise<void> => neon.setCompute(await site.projectId(), endpoint.id, compute);
  return [change(subject, `${describe(compute)}, not ${describe(found)}`, apply)];
}

function planContents(
  env: EnvironmentName,
  { environments, project }: Observation,
  { desired, neon, site }: PlanTools,
): Step[] {
  const { ownerRole, database } = desired;
  const { branch, hasOwner, hasDatabase } = environments[env];
  const [role, data] = [`${env}: role`, `${env}: database`];
  // A new branch has what its parent has, and the first one what the project was made with.
  if (branch === null && (project === null || environments.production.hasDatabase)) {
    return [
      create(role, `${ownerRole}, the owner, with the branch`, nothing),
      create(data, `${database}, with the branch`, nothing),
    ];
  }
  const makeRole = async (): Promise<void> =>
    neon.createRole(await site.projectId(), await site.branchId(env), ownerRole);
  const makeDatabase = async (): Promise<void> =>
    neon.createDatabase(await site.projectId(), await site.branchId(env), database, ownerRole);
  return [
    hasOwner ? keep(role, `${ownerRole}, the owner`) : create(role, `${ownerRole}, the owner`, makeRole),
    hasDatabase ? keep(data, database) : create(data, database, makeDatabase),
  ];
}

/** It comes along with another step. */
const nothing = (): Promise<void> => Promise.resolve();

const toCompute = (endpoint: Endpoint): Compute => ({
  minCu: endpoint.autoscaling_limit_min_cu,
  maxCu: endpoint.autoscaling_limit_max_cu,
  suspendSeconds: endpoint.suspend_timeout_seconds,
});

function describe({ minCu, maxCu, suspendSeconds }: Compute): string {
  const rest =
    suspendSeconds === -1
      ? "never suspended"
      : `suspended after ${suspendSeconds === 0 ? "the plan's time" : `${suspendSeconds} s`}`;
  return `${minCu} to ${maxCu} units, ${rest}`;
}
