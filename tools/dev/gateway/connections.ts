import pg from "pg";

import { sendCancelRequest } from "./cancel.ts";
import { connectError } from "./errors.ts";
import { Permits } from "./permits.ts";
import { RESET_SQL } from "./reset.ts";

/** One PostgreSQL session; `isAlive` turns false when the server or the network ends it. */
export interface Connection {
  readonly client: pg.Client;
  isAlive: boolean;
}

/** What a request leaves behind: a session to keep, one to reset first, or one to drop. */
export type Aftermath = "keep" | "reset" | "drop";

export interface ConnectionsOptions {
  readonly postgresUrl: string;
  readonly limit: number;
}

/** The sessions behind the gateway, newest first, never more than `limit` at once; callers beyond that wait in line. */
export class Connections {
  readonly #url: string;
  readonly #permits: Permits;
  readonly #idle: Connection[] = [];
  readonly #open = new Set<Connection>();
  #detection: Promise<void> | undefined;
  #isSingleSession = false;
  #isClosed = false;

  constructor({ postgresUrl, limit }: ConnectionsOptions) {
    this.#url = postgresUrl;
    this.#permits = new Permits(limit);
  }

  /** Hands out a live session; throws what a client should be told when PostgreSQL cannot be reached. */
  async acquire(signal: AbortSignal): Promise<Connection> {
    await this.#detectEngine();
    await this.#permits.take(signal);
    for (let idle = this.#idle.pop(); idle !== undefined; idle = this.#idle.pop()) {
      if (idle.isAlive) return idle;
    }
    try {
      return await this.#connect();
    } catch (error) {
      this.#permits.give();
      throw connectError(error);
    }
  }

  /** Takes a session back; resolves when the next request may have it, which a client need not wait for. */
  async release(connection: Connection, aftermath: Aftermath): Promise<void> {
    try {
      // On PGlite every connection is the same session: dropping it would clean nothing up.
      const action = aftermath === "drop" && this.#isSingleSession ? "reset" : aftermath;
      if (action === "reset" && connection.isAlive) await connection.client.query(RESET_SQL);
      if (action !== "drop" && connection.isAlive && !this.#isClosed) this.#idle.push(connection);
      else await this.#end(connection);
    } catch {
      await this.#end(connection);
    } finally {
      this.#permits.give();
    }
  }

  /** Asks the server to stop what the session is running; PGlite cannot be interrupted, so nothing is sent to it. */
  async cancel(connection: Connection): Promise<void> {
    if (!this.#isSingleSession && connection.isAlive) await sendCancelRequest(connection.client);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#open].map((connection) => this.#end(connection)));
  }

  // On PGlite all connections share one session, so a SET or temporary table of one request would show in another that
  // runs beside it: it gets a single connection. Found out once, on the first connection that succeeds.
  async #detectEngine(): Promise<void> {
    this.#detection ??= this.#inspectServer().catch((error: unknown) => {
      this.#detection = undefined;
      throw connectError(error);
    });
    await this.#detection;
  }

  async #inspectServer(): Promise<void> {
    const connection = await this.#connect();
    const result = await connection.client.query<{ version: string }>("SELECT version()");
    this.#isSingleSession = /emcc|emscripten|wasm|pglite/i.test(result.rows[0]?.version ?? "");
    if (this.#isSingleSession) this.#permits.limit = 1;
    this.#idle.push(connection);
  }

  async #connect(): Promise<Connection> {
    const client = new pg.Client({ connectionString: this.#url, types: { getTypeParser: () => keepText } });
    const connection: Connection = { client, isAlive: true };
    const markDead = (): void => {
      connection.isAlive = false;
      this.#open.delete(connection);
    };
    // Without a listener, a server that restarts would end this process through an unhandled error event.
    client.on("error", markDead);
    client.on("end", markDead);
    this.#open.add(connection);
    try {
      await client.connect();
    } catch (error) {
      markDead();
      throw error;
    }
    return connection;
  }

  async #end(connection: Connection): Promise<void> {
    connection.isAlive = false;
    this.#open.delete(connection);
    await connection.client.end().catch(() => undefined);
  }
}

function keepText(text: string): string {
  return text;
}
