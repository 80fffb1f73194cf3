/** A figure of this service, measured by us. */
export interface Measurement {
  readonly value: number;
  readonly unit: string;
  readonly meaning: string;
  readonly method: string;
  readonly machine: string;
}

type MeasurementOf = (value: number, unit: string, meaning: string) => Measurement;

const measuredBy =
  (method: string, machine: string): MeasurementOf =>
  (value, unit, meaning) => ({ value, unit, meaning, method, machine });

const MACHINE = "AMD EPYC, 2 shared cores, Linux";

const inWorkerd = measuredBy("one bundled Worker in plain workerd, fake database, CPU time of the process", MACHINE);
const inPostgres = measuredBy("2,000 statements in a row, CPU time of the server's processes", MACHINE);
const onTheWire = measuredBy("body of Neon's HTTP answer through the local gateway, mean of 2,000", MACHINE);
const onDisk = measuredBy("`pg_total_relation_size` after 2,000 to 4,000 rows", MACHINE);
const inWal = measuredBy("`pg_current_wal_insert_lsn` around 2,000 statements, without full-page images", MACHINE);

/**
 * All that the model knows about this service. To change a figure, change it here, then run
 * `npm run capacity -- --write-docs`.
 */
export const MEASURED = {
  workerCpuGet: inWorkerd(0.14, "CPU ms", "Worker: get a user by id"),
  workerCpuList: inWorkerd(0.2, "CPU ms", "Worker: list 20 users"),
  workerCpuWrite: inWorkerd(0.25, "CPU ms", "Worker: create a user"),
  databaseCpuGet: inPostgres(0.1, "CPU ms", "PostgreSQL: get a user by id"),
  databaseCpuList: inPostgres(0.1, "CPU ms", "PostgreSQL: list 20 users"),
  databaseCpuWrite: inPostgres(0.6, "CPU ms", "PostgreSQL: create a user with an idempotency key, the dearest write"),
  databaseBytesGet: onTheWire(1_090, "bytes", "Answer of the database: get a user by id"),
  databaseBytesList: onTheWire(4_560, "bytes", "Answer of the database: list 20 users"),
  databaseBytesWrite: onTheWire(740, "bytes", "Answer of the database: create a user with an idempotency key"),
  userBytes: onDisk(370, "bytes", "Storage: a user with its indexes"),
  keyBytes: onDisk(590, "bytes", "Storage: an idempotency key with its answer and indexes"),
  walBytesWrite: inWal(1_330, "bytes", "Change history: create a user with an idempotency key"),
  accessLogBytes: measuredBy("length of the line, with a browser's name", MACHINE)(
    590,
    "bytes",
    "Log: our event of a request",
  ),
  freshConnection: measuredBy("connect, authenticate, `select 1` on loopback, median of 100", MACHINE)(
    2.7,
    "ms",
    "Connection: opening one, where none is kept open",
  ),
  roundTrips: measuredBy("counted by the integration tests", MACHINE)(1, "per request", "Round trips to the database"),
} satisfies Record<string, Measurement>;
