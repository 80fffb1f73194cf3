import type { ScriptRecord } from "../state/records.ts";

/** A route for a whole host: `api.example.com/*`. */
const WHOLE_HOST = /^([a-z0-9.-]+)\/\*$/i;

/**
 * The script with the hosts of its routes among its custom domains, which is all that the data plane knows. Routes for a
 * part of a host, or for many hosts, are kept and not served.
 */
export function withRouteHosts(script: ScriptRecord): ScriptRecord {
  const hosts = script.routes.flatMap((pattern) => WHOLE_HOST.exec(pattern)?.[1]?.toLowerCase() ?? []);
  return { ...script, customDomains: [...new Set([...script.customDomains, ...hosts])] };
}
