import { setTimeout as sleep } from "node:timers/promises";

import pg from "pg";
import { uuidv7 } from "uuidv7";

import { pickIndex, type Random } from "../rehearsal/load/random.ts";

export interface WritersOptions {
  readonly databaseUrl: string;
  /** Changes to make. */
  readonly changes: number;
  readonly random: Random;
  readonly signal: AbortSignal;
}

export interface Writers {
  /** Changes that are known to be made; those that broke off may have been made as well. */
  readonly made: number;
  /** Settles when all are made, or the signal aborted. */
  readonly done: Promise<void>;
}

const WRITERS = 6;
/** Changes of one user, on average. */
const CHANGES_PER_USER = 20;
/** Changes a second at most: the failures shall meet writes too. */
const RATE = 500;
const PAUSE_MS = 100;

/** Transactions that stay open, so that events of later ones become visible before theirs. */
const SLOW_SHARE = 0.03;
const SLOW_MS = 400;

const SHARES = { create: 0.1, remove: 0.03 } as const;

/** Changes users over direct connections, past the API: triggers write the events, whoever makes the changes. */
export function startWriters({ databaseUrl, changes, random, signal }: WritersOptions): Writers {
  const users: string[] = [];
  const most = Math.ceil(changes / CHANGES_PER_USER);
  const startedAt = performance.now();
  let made = 0;
  let serial = 0;

  const change = async (client: pg.Client): Promise<number> => {
    const choice = random();
    if (users.length < 3 || (choice < SHARES.create && users.length < most)) {
      const id = uuidv7();
      await client.query(INSERT, [id, `u${(serial += 1)}x${id.slice(-6)}`, `u${serial}.${id.slice(-6)}@example.com`]);
      users.push(id);
      return 1;
    }
    const place = pickIndex(random, users.length);
    const id = users[place] ?? "";
    if (choice > 1 - SHARES.remove) {
      users.splice(place, 1);
      return (await client.query("delete from users where id = $1", [id])).rowCount ?? 0;
    }
    return (await client.query(UPDATE, [id, `Ada ${pickIndex(random, 1_000)}`])).rowCount ?? 0;
  };
  const transact = async (client: pg.Client): Promise<void> => {
    if (random() >= SLOW_SHARE) {
      const rows = await change(client);
      made += rows;
      return;
    }
    await client.query("begin");
    const rows = await change(client);
    await sleep(random() * SLOW_MS);
    await client.query("commit");
    made += rows;
  };
  const write = async (): Promise<void> => {
    while (made < changes && !signal.aborted) {
      await withClient(databaseUrl, async (client) => {
        while (made < changes && !signal.aborted) {
          await transact(client);
          const aheadMs = (made / RATE) * 1_000 - (performance.now() - startedAt);
          if (aheadMs > 0) await sleep(aheadMs);
        }
      }).catch(() => sleep(PAUSE_MS)); // The database was killed: connect again.
    }
  };
  const done = Promise.all(Array.from({ length: WRITERS }, write)).then(() => undefined);
  return {
    get made() {
      return made;
    },
    done,
  };
}

const INSERT = `insert into users (id, username, email, full_name, created_at, updated_at) values ($1, $2, $3, 'Ada', now(), now())`;
const UPDATE = `update users set full_name = $2, updated_at = greatest(now(), updated_at), version = version + 1 where id = $1`;

/** Runs work with a connection of its own. */
export async function withClient<Result>(
  connectionString: string,
  work: (client: pg.Client) => Promise<Result>,
): Promise<Result> {
  const client = new pg.Client({ connectionString });
  client.on("error", () => undefined); // The statement that was running reports it.
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}
