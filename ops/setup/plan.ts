import type { DatabaseAdmin } from "../database/admin.ts";
import type { EnvironmentName } from "../desired-state.ts";
import type { Observation, Sources } from "./observe.ts";
import { planBranch, type PlanTools } from "./plan-branches.ts";
import { planDatabase } from "./plan-database.ts";
import { planProject } from "./plan-project.ts";
import { planSecrets, type SecretTools } from "./plan-secrets.ts";
import type { Step } from "./step.ts";

/** Production first: it comes with the project, and staging starts as a copy of it while it is empty. */
const ORDER: readonly EnvironmentName[] = ["production", "staging"];

export type Tools = PlanTools & SecretTools & { readonly databases: DatabaseAdmin };

/** What has to be done, in the order in which it can be done; nothing of it ever deletes. */
export function makePlan(
  observation: Observation,
  { selected }: Pick<Sources, "selected">,
  tools: Tools,
): readonly Step[] {
  const project = planProject(observation.project, tools.desired, tools.neon);
  if (project.some(({ action }) => action === "refuse")) return project;
  // All branches before any table, also with --only: one that is made later would be a copy of what the others hold.
  const branches = ORDER.flatMap((env) => planBranch(env, observation, tools));
  const contents = ORDER.filter((env) => selected.includes(env)).flatMap((env) => [
    ...planDatabase(env, observation, tools.databases, tools.site),
    ...planSecrets(env, observation.environments[env], tools),
  ]);
  return [...project, ...branches, ...contents];
}
