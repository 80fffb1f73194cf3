import { branchCalls } from "./calls/branches.ts";
import { contentCalls } from "./calls/contents.ts";
import { projectCalls } from "./calls/projects.ts";
import { createTransport, type TransportOptions } from "./calls/transport.ts";
import type { NeonApi } from "./model.ts";

/**
 * Puts the calls together.
 * @param orgId the organisation, for a key of a person; null for a key of an organisation
 */
export function createNeonApi(options: TransportOptions, orgId: string | null): NeonApi {
  const transport = createTransport(options);
  return { ...projectCalls(transport, orgId), ...branchCalls(transport), ...contentCalls(transport) };
}
