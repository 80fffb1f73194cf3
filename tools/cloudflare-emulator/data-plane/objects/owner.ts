import type { Script, VersionShare } from "../../model.ts";
import { liveShares } from "../routing/publications.ts";

/**
 * The version whose code the objects of a script run: that with the larger share of the traffic. Cloudflare deals objects out to both
 * versions of a deployment; here all of them are in one process, so they change their version together, once.
 */
export function ownerOf(script: Script): string | null {
  if (script.objectClasses.length === 0) return null;
  const larger = (left: VersionShare, right: VersionShare): VersionShare =>
    right.percentage > left.percentage ? right : left;
  const shares = liveShares(script);
  return shares.length === 0 ? null : shares.reduce(larger).versionId;
}
