import { z } from "zod";

/** A deployment, as the control plane tells it. */
export interface LiveDeployment {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly message: string | null;
  readonly shares: readonly { readonly versionId: string; readonly percentage: number }[];
}

export interface ControlPlaneAccess {
  readonly apiUrl: string;
  readonly accountId: string;
  readonly apiToken: string;
}

const answer = z.object({
  result: z.object({
    deployments: z.array(
      z.object({
        id: z.string(),
        created_on: z.string(),
        annotations: z.record(z.string(), z.unknown()).optional(),
        versions: z.array(z.object({ version_id: z.string(), percentage: z.number() })),
      }),
    ),
  }),
});

/** Asks the control plane itself, not a tool of ours; oldest first. Rejects when it does not answer. */
export async function readDeployments(access: ControlPlaneAccess, script: string): Promise<LiveDeployment[]> {
  const url = `${access.apiUrl}/accounts/${access.accountId}/workers/scripts/${script}/deployments`;
  const response = await fetch(url, { headers: { Authorization: `Bearer ${access.apiToken}` } });
  if (!response.ok) throw new Error(`the control plane answers ${response.status} to ${url}`);
  const { result } = answer.parse(await response.json());
  return result.deployments
    .map(({ id, created_on, annotations, versions }) => ({
      id,
      createdAt: Date.parse(created_on),
      message: typeof annotations?.["workers/message"] === "string" ? annotations["workers/message"] : null,
      shares: versions.map(({ version_id, percentage }) => ({ versionId: version_id, percentage })),
    }))
    .toReversed();
}

/** The version that has all of a deployment to itself; null when it is shared. */
export function soleVersion(deployment: LiveDeployment | undefined): string | null {
  const [first, second] = deployment?.shares ?? [];
  return first !== undefined && second === undefined && first.percentage === 100 ? first.versionId : null;
}
