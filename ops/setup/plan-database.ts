import type { DatabaseAdmin } from "../database/admin.ts";
import { LOGIN_ROLE } from "../database/roles.ts";
import type { EnvironmentName } from "../desired-state.ts";
import type { Observation } from "./observe.ts";
import type { Site } from "./site.ts";
import { change, create, keep, refuse, type Step } from "./step.ts";

/** The tables, and the role that the Worker uses. */
export function planDatabase(
  env: EnvironmentName,
  { environments }: Observation,
  databases: DatabaseAdmin,
  site: Site,
): readonly Step[] {
  const { database } = environments[env];
  const [tables, role] = [`${env}: tables`, `${env}: role`];
  const migrate = async (): Promise<void> => databases.migrate(await site.ownerUrl(env));
  const grant = async (): Promise<void> => databases.grantRights(await site.ownerUrl(env));
  const rights = `${LOGIN_ROLE}, the Worker's, with its rights (ops/sql/worker-role.sql)`;
  if (database === null) return [create(tables, "all migrations", migrate), create(role, rights, grant)];
  const { pending, role: found } = database;
  const plan = found.hasLogin ? keepTables(tables, pending) : makeTables(tables, pending, migrate);
  if (!found.exists) return [plan, create(role, rights, grant)];
  if (found.excess.length > 0) {
    const excess = found.excess.join(", ");
    return [
      plan,
      refuse(
        role,
        `${LOGIN_ROLE} is more than the Worker may be (${excess}): take that away, or drop the role at Neon's console`,
      ),
    ];
  }
  // Tables that are still to be made get their rights by themselves; the ledger's are taken away again afterwards.
  const deviations = pending.length > 0 && plan.apply !== null ? ["new tables"] : found.deviations;
  if (deviations.length === 0) return [plan, keep(role, rights)];
  return [plan, change(role, `${LOGIN_ROLE}: ${deviations.join(", ")}`, grant)];
}

/** Until somebody can log in, nobody's release is in the way. */
function makeTables(subject: string, pending: readonly string[], migrate: () => Promise<void>): Step {
  return pending.length === 0 ? keep(subject, "all migrations applied") : create(subject, pending.join(", "), migrate);
}

/** Later, a migration belongs to the release that needs it, which judges it first. */
function keepTables(subject: string, pending: readonly string[]): Step {
  const rest = pending.length === 0 ? "all migrations applied" : `${pending.join(", ")} comes with the next release`;
  return keep(subject, rest);
}
