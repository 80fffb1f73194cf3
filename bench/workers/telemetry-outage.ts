import { WorkerEntrypoint } from "cloudflare:workers";

/** Which outage, by a binding. */
interface Env {
  readonly OUTAGE: "fail" | "silence";
}

/** What the API finds in the telemetry Worker's place when that is broken. */
export class MetricsRecorder extends WorkerEntrypoint<Env> {
  async record(): Promise<never> {
    if (this.env.OUTAGE === "fail") throw new Error("telemetry is out of order");
    return await new Promise<never>(() => undefined);
  }
}

export default { fetch: (): Response => new Response("out of order", { status: 503 }) };
