import { randomBytes } from "node:crypto";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

import { z } from "zod";

import { EmulatorError } from "../../cloudflare-emulator/emulator-error.ts";
import { migrate } from "../../db/migrate.ts";
import { seed } from "../../db/seed.ts";
import { startGateway } from "../../dev/gateway/index.ts";
import { LocalPostgresError, startLocalPostgres } from "../../dev/postgres/index.ts";

export interface ServeDatabaseOptions {
  readonly stateDir: string;
  readonly gatewayPort: number;
  readonly isFresh: boolean;
  readonly log: (line: string) => void;
  readonly signal: AbortSignal;
}

export interface ServedDatabase {
  /** A direct connection, for migrations. */
  readonly url: string;
  /** What a deployed Worker needs, for `wrangler deploy --secrets-file`; readable by its owner only. */
  readonly secretsFile: string;
  /** Settles when the database ends without being asked to. */
  readonly failure: Promise<Error>;
  stop(): Promise<void>;
}

const OWNER_ONLY = 0o600;
const API_KEY_BYTES = 24;
const knownSecrets = z.looseObject({ API_KEY: z.string().min(1) });

/**
 * Starts PostgreSQL with the schema and the development users, behind the gateway.
 * @throws EmulatorError that says what to do, or the error of the port
 */
export async function startServedDatabase(options: ServeDatabaseOptions): Promise<ServedDatabase> {
  const { stateDir, gatewayPort, isFresh, log, signal } = options;
  const postgres = await startPostgres({ dataDir: stateDir, fresh: isFresh, signal });
  try {
    const { url } = postgres;
    await migrate({ postgresUrl: url, log });
    await seed({ postgresUrl: url, log });
    const gateway = await startGateway({ postgresUrl: url, port: gatewayPort });
    const secretsFile = path.join(stateDir, "secrets.json");
    writeSecrets(secretsFile, { DATABASE_URL: gateway.connectionString, DATABASE_FETCH_ENDPOINT: gateway.url });
    return {
      url,
      secretsFile,
      failure: postgres.failure,
      async stop() {
        await gateway.close();
        await postgres.stop();
      },
    };
  } catch (error) {
    await postgres.stop();
    throw error;
  }
}

/** Its messages give the advice of `npm start`. */
async function startPostgres(options: Parameters<typeof startLocalPostgres>[0]) {
  try {
    return await startLocalPostgres(options);
  } catch (error) {
    if (!(error instanceof LocalPostgresError)) throw error;
    const message = error.message
      .replace("DATA_DIR=… npm start", "--state-dir DIR")
      .replace("npm start -- --fresh", "npm run rehearsal:serve -- --database --fresh");
    throw new EmulatorError(message, { cause: error });
  }
}

/** The API key stays the same from run to run, because what is deployed still asks for it. */
function writeSecrets(file: string, secrets: Readonly<Record<string, string>>): void {
  const apiKey = readApiKey(file) ?? randomBytes(API_KEY_BYTES).toString("base64url");
  writeFileSync(file, `${JSON.stringify({ ...secrets, API_KEY: apiKey }, null, 2)}\n`, { mode: OWNER_ONLY });
  chmodSync(file, OWNER_ONLY);
}

function readApiKey(file: string): string | null {
  try {
    return knownSecrets.parse(JSON.parse(readFileSync(file, "utf8"))).API_KEY;
  } catch {
    return null;
  }
}
