import type { DesiredState } from "../desired-state.ts";
import type { NeonApi } from "../neon/model.ts";
import type { Project } from "../neon/schemas.ts";
import { change, create, keep, refuse, type Step } from "./step.ts";

const SUBJECT = "project";
const DAY_SECONDS = 86_400;

/** The project, with the branch, the role and the database that Neon makes along with it. */
export function planProject(found: Project | null, desired: DesiredState, neon: NeonApi): readonly Step[] {
  const { project } = desired;
  const retention = `restorable for ${project.historyRetentionSeconds / DAY_SECONDS} days`;
  const summary = `${project.name}, ${project.region}, PostgreSQL ${project.postgresVersion}, ${retention}`;
  if (found === null) return [create(SUBJECT, summary, () => createProject(desired, neon))];
  const fixed = describeFixed(found, desired);
  if (fixed !== null) return [refuse(SUBJECT, fixed)];
  if (found.history_retention_seconds === project.historyRetentionSeconds) return [keep(SUBJECT, summary)];
  const days = (found.history_retention_seconds ?? 0) / DAY_SECONDS;
  const apply = (): Promise<void> => neon.setHistoryRetention(found.id, project.historyRetentionSeconds);
  return [change(SUBJECT, `${project.name}: ${retention}, not for ${days}`, apply)];
}

/** What differs and can never be changed; null when nothing does. */
function describeFixed(found: Project, { project }: DesiredState): string | null {
  const differences = [
    found.region_id === project.region ? null : `region ${found.region_id}, not ${project.region}`,
    found.pg_version === project.postgresVersion
      ? null
      : `PostgreSQL ${found.pg_version}, not ${project.postgresVersion}`,
  ].filter((text) => text !== null);
  if (differences.length === 0) return null;
  return `${found.name} has ${differences.join(" and ")}: Neon cannot change that. Correct ops/desired-state.ts, or name another project there`;
}

async function createProject({ project, branches, database, ownerRole }: DesiredState, neon: NeonApi): Promise<void> {
  const { name, compute } = branches.production;
  await neon.createProject({ ...project, branch: name, role: ownerRole, database, compute });
}
