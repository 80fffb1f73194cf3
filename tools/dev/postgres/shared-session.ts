import { PGlite } from "@electric-sql/pglite";

type StreamOptions = Parameters<PGlite["execProtocolRawStream"]>[1];

/** Frontend messages that leave a command open until Sync: Parse, Bind, Describe, Execute, Close, Flush. */
const OPENS_COMMAND = new Set(["P", "B", "D", "E", "C", "H"].map((letter) => letter.charCodeAt(0)));
const TERMINATE = "X".charCodeAt(0);
const SYNC = new Uint8Array(["S".charCodeAt(0), 0, 0, 0, 4]);

/** What a client changed must not meet the next one: settings and locks belong to a session, and there is only one. */
const RESET_SESSION = "RESET ALL; SET search_path TO public; SELECT pg_advisory_unlock_all()";

/**
 * A PGlite that several connections share safely.
 * PGlite has one session, and the socket server lets another client in between any two messages outside a transaction:
 * an extended-protocol command counts as a transaction here, so that nobody else's Parse replaces it half-way.
 */
export class SharedPGlite extends PGlite {
  #isCommandOpen = false;

  override isInTransaction(): boolean {
    return this.#isCommandOpen || super.isInTransaction();
  }

  override async execProtocolRawStream(message: Uint8Array, options: StreamOptions): Promise<void> {
    const type = message[0] ?? 0;
    await super.execProtocolRawStream(message, options);
    this.#isCommandOpen = OPENS_COMMAND.has(type);
    if (type === TERMINATE && !super.isInTransaction()) await this.#runQuietly(simpleQuery(RESET_SESSION));
  }

  /** The socket server rolls back for a client that left; one that left inside a command is still owed its Sync. */
  override async exec(...[query, options]: Parameters<PGlite["exec"]>): ReturnType<PGlite["exec"]> {
    if (this.#isCommandOpen) {
      this.#isCommandOpen = false;
      await this.#runQuietly(SYNC);
    }
    return await super.exec(query, options);
  }

  /** Answers go to whoever called last, unless someone else takes them: here, nobody wants them. */
  async #runQuietly(message: Uint8Array): Promise<void> {
    await super.execProtocolRawStream(message, { onRawData: () => undefined });
  }
}

function simpleQuery(sql: string): Uint8Array {
  const text = new TextEncoder().encode(sql);
  const message = new Uint8Array(text.length + 6);
  message[0] = "Q".charCodeAt(0);
  new DataView(message.buffer).setInt32(1, text.length + 5);
  message.set(text, 5);
  return message;
}
