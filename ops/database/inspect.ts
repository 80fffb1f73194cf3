import type { Client } from "pg";

import { LOGIN_ROLE, RIGHTS_ROLE } from "./roles.ts";

/** The role that the Worker logs in as, as it is. */
export interface WorkerRole {
  readonly exists: boolean;
  /** Whether it can log in: it was given a password. */
  readonly hasLogin: boolean;
  /** Whether its password was handed to somebody who keeps it. */
  readonly isHandedOver: boolean;
  /** What worker-role.sql would mend, one text each. */
  readonly deviations: readonly string[];
  /** What it is beyond that, and only somebody with more rights can take away. */
  readonly excess: readonly string[];
}

/** Comment on the role that says so: the database is the one place that all runs share. */
export const HANDED_OVER = "password handed over";

/** Reads it, in statements that write nothing. */
export async function inspectWorkerRole(client: Client): Promise<WorkerRole> {
  const { rows } = await client.query<{ login: boolean; comment: string | null; excess: string[] }>(ROLE_SQL, [
    LOGIN_ROLE,
  ]);
  const [role] = rows;
  if (role === undefined) {
    return { exists: false, hasLogin: false, isHandedOver: false, deviations: [], excess: [] };
  }
  const { rows: deviations } = await client.query<{ deviation: string }>(DEVIATIONS_SQL, [LOGIN_ROLE]);
  return {
    exists: true,
    hasLogin: role.login,
    isHandedOver: role.comment === HANDED_OVER,
    deviations: deviations.map(({ deviation }) => deviation),
    excess: role.excess,
  };
}

/** Attributes and memberships that a role of least rights does not have. */
const ROLE_SQL = `
select rolcanlogin as login, shobj_description(oid, 'pg_authid') as comment,
  array_remove(array[
    case when rolsuper then 'superuser' end, case when rolcreaterole then 'createrole' end,
    case when rolcreatedb then 'createdb' end, case when rolbypassrls then 'bypassrls' end,
    case when rolreplication then 'replication' end
  ], null) || array(
    select 'member of ' || other.rolname from pg_roles other
     where other.oid <> role.oid and other.rolname <> '${RIGHTS_ROLE}' and not role.rolsuper
       and pg_has_role(role.oid, other.oid, 'MEMBER') order by 1
  ) as excess
from pg_roles role where rolname = $1`;

/** One row for each right that is missing or too much. */
const DEVIATIONS_SQL = `
select format('%s %s on %s', case when wanted then 'lacks' else 'has' end, privilege, name) as deviation from (
  select relname as name, privilege, has_table_privilege($1, c.oid, privilege) as given,
    privilege = 'SELECT'
      or (privilege in ('INSERT', 'UPDATE', 'DELETE') and relname not in ('schema_migrations', 'user_events', 'user_event_feed', 'webhook_deliveries', 'webhook_lanes', 'webhook_dispatch'))
      or (privilege = 'INSERT' and relname = 'webhook_deliveries') as wanted
  from pg_class c, unnest(array['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) privilege
  where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v', 'm')
  union all
  select 'schema ' || nspname, privilege, has_schema_privilege($1, oid, privilege), nspname = 'public' and privilege = 'USAGE'
  from pg_namespace, unnest(array['USAGE', 'CREATE']) privilege
  where nspname !~ '^pg_' and nspname <> 'information_schema'
  union all
  select 'database ' || current_database(), privilege, has_database_privilege($1, current_database(), privilege), privilege = 'CONNECT'
  from unnest(array['CONNECT', 'CREATE', 'TEMPORARY']) privilege
  union all
  select 'new tables of ' || current_user, 'a right', exists (
    select from pg_default_acl d, aclexplode(defaclacl) a where defaclrole = current_user::regrole
      and defaclnamespace = 'public'::regnamespace and defaclobjtype = 'r' and a.grantee = to_regrole('${RIGHTS_ROLE}')), true
) rights where given <> wanted order by 1`;
