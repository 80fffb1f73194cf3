import { UsageError } from "../../command/usage-error.ts";

/** Parameters of a URL that libpq takes from the environment, each with its variable (libpq's documentation, section 32.15). */
const PARAMETERS: Readonly<Record<string, string>> = {
  application_name: "PGAPPNAME",
  channel_binding: "PGCHANNELBINDING",
  connect_timeout: "PGCONNECT_TIMEOUT",
  gssencmode: "PGGSSENCMODE",
  options: "PGOPTIONS",
  sslcert: "PGSSLCERT",
  sslkey: "PGSSLKEY",
  sslmode: "PGSSLMODE",
  sslnegotiation: "PGSSLNEGOTIATION",
  sslrootcert: "PGSSLROOTCERT",
  target_session_attrs: "PGTARGETSESSIONATTRS",
};

const CONNECT_TIMEOUT_S = "15"; // A suspended Neon compute takes a few seconds to wake up.

/**
 * A database URL as the variables of libpq, because everybody on the machine can read a command line and nobody else an
 * environment.
 * @throws UsageError for a parameter that has no variable, so that none is lost
 */
export function connectionEnvironment(url: string): Readonly<Record<string, string>> {
  const { hostname, port, username, password, pathname, searchParams } = new URL(url);
  const parameters = [...searchParams].map(([name, value]): [string, string] => {
    const variable = PARAMETERS[name];
    if (variable === undefined)
      throw new UsageError(`the database URL has the parameter ${name}, which is not supported here`);
    return [variable, value];
  });
  const parts = {
    PGHOST: hostname.replace(/^\[(.*)\]$/, "$1"),
    PGPORT: port || "5432",
    PGUSER: decodeURIComponent(username),
    PGPASSWORD: decodeURIComponent(password),
    PGDATABASE: decodeURIComponent(pathname.slice(1)),
  };
  const given = Object.entries(parts).filter(([, value]) => value !== "");
  return { PGCONNECT_TIMEOUT: CONNECT_TIMEOUT_S, ...Object.fromEntries([...given, ...parameters]) };
}
