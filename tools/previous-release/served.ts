import { startGateway } from "../dev/gateway/index.ts";
import { serveWorker } from "../dev/worker/serve.ts";

/** A Worker in workerd, with the Neon gateway between it and its database. */
export interface Served {
  readonly origin: string;
  /** What it has logged, to tell why something failed. */
  readonly logs: readonly string[];
  stop(): Promise<void>;
}

export interface ServedOptions {
  /** Where `buildWorker` put the Worker. */
  readonly bundleDir: string;
  readonly postgresUrl: string;
  readonly apiKey: string;
}

export async function serve({ bundleDir, postgresUrl, apiKey }: ServedOptions): Promise<Served> {
  const gateway = await startGateway({ postgresUrl });
  const logs: string[] = [];
  const vars = {
    API_KEY: apiKey,
    DATABASE_URL: gateway.connectionString,
    DATABASE_FETCH_ENDPOINT: gateway.url,
  };
  try {
    // The schema is what is tried here; versions that compression harms are told by the smoke test of a release.
    const onLog = (message: string): void => void logs.push(message);
    const worker = await serveWorker({ bundleDir, port: 0, vars, onLog, isCompressing: false });
    return {
      origin: worker.url.origin,
      logs,
      async stop() {
        await worker.stop();
        await gateway.close();
      },
    };
  } catch (error) {
    await gateway.close();
    throw error;
  }
}
