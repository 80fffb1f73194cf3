import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";

import { database } from "./source/database.ts";
import { releases } from "./source/releases.ts";
import { requests } from "./source/requests.ts";
import { telemetry } from "./source/telemetry.ts";

/** Where the provider of `provisioning/dashboards/users-api.yml` looks. */
export const DASHBOARDS_FOLDER = path.join(import.meta.dirname, "provisioning", "dashboards", "users-api");

/** Texts by the names of their files. */
export function renderDashboards(): ReadonlyMap<string, string> {
  return new Map(
    [requests, releases, database, telemetry].map((dashboard) => [
      `${dashboard.uid}.json`,
      `${JSON.stringify(dashboard, null, 2)}\n`,
    ]),
  );
}

/** Files of the folder that are not what the sources say: changed, missing, or none of theirs. */
export function findStaleDashboards(folder = DASHBOARDS_FOLDER): string[] {
  const rendered = renderDashboards();
  const found = existsSync(folder) ? readdirSync(folder) : [];
  return [...new Set([...rendered.keys(), ...found])].filter((file) => {
    const isFound = found.includes(file);
    return !isFound || readFileSync(path.join(folder, file), "utf8") !== rendered.get(file);
  });
}
