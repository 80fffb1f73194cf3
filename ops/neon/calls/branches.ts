import { z } from "zod";

import { NeonError } from "../errors.ts";
import type { BranchCalls } from "../model.ts";
import { branchSchema, endpointSchema } from "../schemas.ts";
import { branchPath, toSettings, type Transport } from "./transport.ts";

const GONE = 404;

export function branchCalls({ client, change, list }: Transport): BranchCalls {
  return {
    listBranches: (projectId) => list(`/projects/${projectId}/branches`, "branches", branchSchema),
    async createBranch(projectId, { name, parentId, compute, expiresAt }) {
      const branch = { name, parent_id: parentId, ...(expiresAt === undefined ? {} : { expires_at: expiresAt }) };
      const body = { branch, endpoints: [{ type: "read_write", ...toSettings(compute) }] };
      return (await change("POST", `/projects/${projectId}/branches`, { branch: branchSchema }, body)).branch;
    },
    async updateBranch(projectId, branchId, { isProtected, expiresAt }) {
      const branch = {
        ...(isProtected === undefined ? {} : { protected: isProtected }),
        ...(expiresAt === undefined ? {} : { expires_at: expiresAt }),
      };
      await change("PATCH", branchPath(projectId, branchId), {}, { branch });
    },
    async deleteBranch(projectId, branchId) {
      try {
        await change("DELETE", branchPath(projectId, branchId), {});
      } catch (error) {
        if (!(error instanceof NeonError) || error.status !== GONE) throw error;
      }
    },
    async listEndpoints(projectId) {
      const schema = z.object({ endpoints: z.array(endpointSchema) });
      return (await client.send("GET", `/projects/${projectId}/endpoints`, schema)).endpoints;
    },
    async createEndpoint(projectId, branchId, compute) {
      const endpoint = { branch_id: branchId, type: "read_write", ...toSettings(compute) };
      await change("POST", `/projects/${projectId}/endpoints`, {}, { endpoint });
    },
    async setCompute(projectId, endpointId, compute) {
      await change("PATCH", `/projects/${projectId}/endpoints/${endpointId}`, {}, { endpoint: toSettings(compute) });
    },
  };
}
