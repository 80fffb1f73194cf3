import type { Client } from "pg";

export const USER_COUNT = 5_000;

/** Names of many scripts, with what dumps and checksums have to keep apart: combining marks, quotes, right to left, four bytes. */
const NAMES = [
  "José Ángel Muñoz",
  "Zoë O'Brien-Smith",
  "Åsa Öström",
  "Łukasz Żółć",
  "Ελένη Παπαδοπούλου",
  "Дмитрий Ёлкин",
  "محمد الخوارزمي",
  "שרה כהן",
  "山田 太郎",
  "김민준",
  "สมชาย ใจดี",
  "𠮷野家 一郎",
  "N’Golo Kanté",
] as const;

/** The first and the last moment of a timestamptz, one before Christ, and the infinities. */
const TIMES = [
  ["4713-01-01 00:00:00+00 BC", "4713-01-01 00:00:00+00 BC"],
  ["0001-01-01 00:00:00.001+00 BC", "0001-01-01 00:00:00.001+00"],
  ["294276-12-31 23:59:59.999+00", "294276-12-31 23:59:59.999+00"],
  ["-infinity", "infinity"],
  ["1969-12-31 23:59:59.999+00", "2038-01-19 03:14:08+00"],
] as const;

/** Fills a migrated database with thousands of users and with idempotency keys, as the service and time could have made them. */
export async function fillDatabase(client: Client): Promise<void> {
  await client.query(
    `INSERT INTO users (id, username, email, full_name, created_at, updated_at, version)
     SELECT md5(place::text)::uuid, 'user' || place, 'user' || place || '@example.com', ($2::text[])[place % $3 + 1],
       time, time + interval '1 millisecond' * place, place % 2147483647 + 1
     FROM generate_series(1, $1::integer) AS place, LATERAL (SELECT '2020-02-29T23:59:59.999Z'::timestamptz + interval '1 hour' * place AS time) AS t`,
    [USER_COUNT, NAMES, NAMES.length],
  );
  for (const [place, [created, updated]] of TIMES.entries()) {
    await client.query(
      "INSERT INTO users (id, username, email, full_name, created_at, updated_at) VALUES (gen_random_uuid(), $1, $2, 'Ada', $3, $4)",
      [`extreme${place}`, `extreme${place}@example.com`, created, updated],
    );
  }
  await client.query(
    `INSERT INTO idempotency_keys (caller, key, request_hash, status, response, created_at, expires_at)
     SELECT 'caller ' || place % 7, E'key\\t\\\\N "' || place, md5(place::text), 201, E'{"a":"\\\\u0000 line\\nline\\r\\ttab ✓"}', now(), now() + interval '1 day'
     FROM generate_series(1, 500) AS place`,
  );
}
