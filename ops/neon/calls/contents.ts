import { z } from "zod";

import type { ContentCalls } from "../model.ts";
import { databaseSchema, roleSchema } from "../schemas.ts";
import { branchPath, type Transport } from "./transport.ts";

export function contentCalls({ client, change }: Transport): ContentCalls {
  return {
    async listRoles(projectId, branchId) {
      const schema = z.object({ roles: z.array(roleSchema) });
      const { roles } = await client.send("GET", `${branchPath(projectId, branchId)}/roles`, schema);
      return roles.map(({ name }) => name);
    },
    async createRole(projectId, branchId, name) {
      await change("POST", `${branchPath(projectId, branchId)}/roles`, {}, { role: { name } });
    },
    async listDatabases(projectId, branchId) {
      const schema = z.object({ databases: z.array(databaseSchema) });
      const { databases } = await client.send("GET", `${branchPath(projectId, branchId)}/databases`, schema);
      return databases.map(({ name }) => name);
    },
    async createDatabase(projectId, branchId, name, owner) {
      const body = { database: { name, owner_name: owner } };
      await change("POST", `${branchPath(projectId, branchId)}/databases`, {}, body);
    },
    async connectionUrl(projectId, { branchId, database, role }) {
      const place = { branch_id: branchId, database_name: database, role_name: role, pooled: "false" };
      const path = `/projects/${projectId}/connection_uri?${new URLSearchParams(place).toString()}`;
      return (await client.send("GET", path, z.object({ uri: z.string() }))).uri;
    },
  };
}
