// The process of the reference on Node. Variables: DATABASE_URL (a direct connection), API_KEY, PORT.
import pg from "pg";

import { createApp } from "./app.ts";
import { createUsers } from "./users.ts";

/** As many connections as the gateway has. */
const POOL_SIZE = 20;

const pool = new pg.Pool({ connectionString: process.env["DATABASE_URL"], max: POOL_SIZE });
const app = createApp({ users: createUsers(pool), apiKey: process.env["API_KEY"] ?? "" });
await app.listen({ host: "127.0.0.1", port: Number(process.env["PORT"]) });
