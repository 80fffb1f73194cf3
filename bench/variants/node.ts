import { join } from "node:path";

import { findFreePort } from "../../tools/net/listen.ts";
import { startServerProcess } from "../../tools/process/server-process.ts";
import { ROOT } from "../../tools/workerd/wrangler-packages.ts";
import { BENCH_KEY } from "../scenarios/keys.ts";
import type { BenchStack } from "../stack/stack.ts";
import type { Variant } from "./variant.ts";

const LACKING = new Set(["keyed-create", "rate-limited"]);

/** What one would take instead of a Worker; it has the database's own protocol, and no gateway in between. */
export const nodeVariant = ({ folder, database }: BenchStack): Variant => ({
  name: "node",
  title: "Fastify and a pool of connections, on Node",
  serves: ({ name }) => !LACKING.has(name),
  agreement: "success",
  async start() {
    const origin = `http://127.0.0.1:${await findFreePort()}`;
    const server = await startServerProcess({
      name: "node (Fastify)",
      program: process.execPath,
      args: ["--no-warnings", join(ROOT, "bench/services/node/main.ts")],
      env: {
        DATABASE_URL: database.url,
        API_KEY: BENCH_KEY,
        PORT: new URL(origin).port,
        NODE_ENV: "production",
      },
      folder: ROOT,
      logFile: join(folder, "node.log"),
      probeUrl: `${origin}/health`,
    });
    return { ...server, origin };
  },
});
