import * as emulator from "../../cloudflare-emulator/serve/options.ts";
import { UsageError } from "../../command/usage-error.ts";

export interface ServeOptions extends emulator.ServeOptions {
  readonly hasDatabase: boolean;
}

export const COMMAND = "npm run rehearsal:serve";
const STATE_DIR = ".data/rehearsal";
const DATABASE_FLAG = "--database";
const MAX_PORT = 65_535;

export const HELP = emulator.formatHelp({ command: COMMAND, root: "", stateDir: STATE_DIR }, [
  "--database           also run PostgreSQL and the Neon gateway, on the port after --proxy-port, and write secrets.json;",
  "                     --fresh empties the database, too",
]);

/**
 * Reads the command line; relative paths start at `root`.
 * @throws UsageError that says which value is wrong
 */
export function parseServeOptions(args: readonly string[], root: string): ServeOptions {
  const others = args.filter((arg) => arg !== DATABASE_FLAG);
  const options = emulator.parseServeOptions(others, { command: COMMAND, root, stateDir: STATE_DIR });
  const hasDatabase = args.includes(DATABASE_FLAG);
  if (hasDatabase) checkGatewayPort(options);
  return { ...options, hasDatabase };
}

/** Fixed, because deployed versions keep the address of the gateway in their secrets. */
export function gatewayPortOf(proxyPort: number): number {
  return proxyPort + 1;
}

function checkGatewayPort({ port, proxyPort }: emulator.ServeOptions): void {
  const gatewayPort = gatewayPortOf(proxyPort);
  if (gatewayPort > MAX_PORT) throw new UsageError(`--proxy-port must leave a port above it for the gateway.`);
  if (gatewayPort === port) throw new UsageError(`--port ${port} is needed for the gateway; see --help.`);
}
