import { NeonError } from "../errors.ts";
import type { ProjectCalls } from "../model.ts";
import { projectSchema } from "../schemas.ts";
import { toSettings, type Transport } from "./transport.ts";

export function projectCalls({ change, list }: Transport, orgId: string | null): ProjectCalls {
  const organisation = orgId === null ? {} : { org_id: orgId };
  return {
    async findProject(name) {
      const query = new URLSearchParams({ search: name, ...organisation });
      const found = (await list(`/projects?${query.toString()}`, "projects", projectSchema)).filter(
        (each) => each.name === name,
      );
      if (found.length > 1) {
        const ids = found.map(({ id }) => id).join(", ");
        const count = `Neon has ${found.length} projects named ${name} (${ids})`;
        throw new NeonError(200, `${count}. Rename all but the one that is meant.`);
      }
      return found[0] ?? null;
    },
    async createProject(wanted) {
      const project = {
        name: wanted.name,
        region_id: wanted.region,
        pg_version: wanted.postgresVersion,
        history_retention_seconds: wanted.historyRetentionSeconds,
        default_endpoint_settings: toSettings(wanted.compute),
        branch: { name: wanted.branch, role_name: wanted.role, database_name: wanted.database },
        ...organisation,
      };
      return (await change("POST", "/projects", { project: projectSchema }, { project })).project;
    },
    async setHistoryRetention(projectId, seconds) {
      await change("PATCH", `/projects/${projectId}`, {}, { project: { history_retention_seconds: seconds } });
    },
  };
}
