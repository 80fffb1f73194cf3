import type { Checks } from "../../previous-release/checks.ts";
import { queryValue } from "../monitoring/query.ts";
import { type Monitoring, OPS_FOLDER } from "../monitoring/start-monitoring.ts";
import type { Programs } from "../programs/find-programs.ts";
import { runProgram } from "../programs/run-program.ts";
import type { PrometheusStack } from "../stack/start-stack.ts";
import type { Client } from "../traffic/client.ts";
import { askAll } from "./documents.ts";
import { checkBuckets, checkQuantiles } from "./histograms.ts";

export interface MeasurementOptions {
  readonly stack: PrometheusStack;
  readonly monitoring: Monitoring;
  readonly client: Client;
  readonly checks: Checks;
  readonly programs: Programs;
  readonly signal: AbortSignal;
}

/** What else Prometheus knows, when it has all of the traffic. */
export async function checkMeasurements(options: MeasurementOptions): Promise<void> {
  const { stack, monitoring, client, checks, programs, signal } = options;
  const { durations } = client.ledger;
  await checks.run("both versions are told apart", async () => {
    const versions = await queryValue(monitoring, "count(count by (version_id, version_tag) (http_requests_total))");
    if (versions !== 2) throw new Error(`${versions} versions`);
  });
  await checks.run("the histogram has every request, none longer than the client measured it", async () => {
    await checkBuckets(monitoring, durations);
  });
  await checks.run("histogram_quantile is what the counts say, and no more than the client measured", async () => {
    await checkQuantiles(monitoring, durations);
  });
  await checks.run("round trips to the database are as many as the gateway counted", async () => {
    const counted = await queryValue(monitoring, "sum(db_query_duration_seconds_count)");
    const response = await fetch(`${new URL(stack.gateway.endpoint).origin}/_gateway/stats`);
    const { requests }: { requests: number } = JSON.parse(await response.text());
    if (counted !== requests) throw new Error(`${counted} instead of ${requests}`);
  });
  await checks.run("no measurement is lost", async () => {
    const lost = await queryValue(monitoring, "sum(telemetry_lost_measurements_total)");
    if (lost !== null && lost !== 0) throw new Error(`${lost} are`);
  });
  await checks.run("promtool check metrics", async () => {
    const input = await stack.telemetry.readMetrics();
    const { exitCode, output } = await runProgram(programs.promtool, ["check", "metrics"], {
      cwd: OPS_FOLDER,
      input,
      signal,
    });
    if (exitCode !== 0 || output !== "") throw new Error(`exit code ${exitCode}\n${output}`);
  });
  await checks.run("every query of the documents is understood", async () => {
    await askAll(monitoring);
  });
}
