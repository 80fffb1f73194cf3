import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import type { CommandContext } from "../command/run-command.ts";
import { type Checks, createChecks } from "../previous-release/checks.ts";
import { endWithUs } from "../process/end-with-us.ts";
import { createConsoleReport } from "../smoke/report.ts";
import { checkFiles, checkRuleTests } from "./checks/files.ts";
import { checkMeasurements } from "./checks/measurements.ts";
import { checkOutage } from "./checks/outage.ts";
import { startMonitoring } from "./monitoring/start-monitoring.ts";
import type { PrometheusOptions } from "./options.ts";
import type { Programs } from "./programs/find-programs.ts";
import { startStack } from "./stack/start-stack.ts";
import { sendTraffic } from "./traffic/send-traffic.ts";
import { settle } from "./traffic/settle.ts";

/** Runs all checks; what prevents one of them is a failed check itself. */
export async function testPrometheus(
  options: PrometheusOptions,
  programs: Programs,
  context: CommandContext,
): Promise<Checks> {
  const hasColor = process.stdout.isTTY && !process.env["NO_COLOR"];
  const report = createConsoleReport({ write: (line) => context.progress.line(line), hasColor });
  const checks = createChecks(report, context.signal);
  const fileChecks = { checks, programs, signal: context.signal };
  await checks.run("the run came to its end", async () => {
    await checkFiles(fileChecks);
    // They compute for as long as everything else takes to start.
    const [, ended] = await Promise.allSettled([
      checkRuleTests(fileChecks),
      measure(options, programs, checks, context),
    ]);
    if (ended.status === "rejected") throw ended.reason;
  });
  return checks;
}

async function measure(
  { requests }: PrometheusOptions,
  programs: Programs,
  checks: Checks,
  context: CommandContext,
): Promise<void> {
  const { cleanup, progress, signal } = context;
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), "prometheus-")));
  cleanup.add(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 }));
  endWithUs({ folders: [folder] });
  progress.line("building both Workers; starting PostgreSQL, the gateway, telemetry and two versions of the API");
  const stack = await startStack(folder, context);
  progress.line("starting Prometheus and Alertmanager");
  const { telemetry, metricsToken } = stack;
  const monitoring = await startMonitoring({
    programs,
    metricsToken,
    cleanup,
    telemetry: telemetry.target,
    folder: path.join(folder, "monitoring"),
  });
  signal.throwIfAborted();
  const { client, mix } = await sendTraffic({ requests, stack, monitoring, checks, context });
  await checks.run("Prometheus counts exactly what the client did, telemetry's death in between", async () => {
    await settle({ client, stack, monitoring, context });
  });
  await checkMeasurements({ stack, monitoring, client, checks, programs, signal });
  const kinds = mix.filter(({ route, status }) => status === 200 && (route === "/ready" || route.endsWith("/id/:id")));
  await checkOutage({ stack, monitoring, client, checks, kinds, context });
  await checks.run("the outage is counted exactly, too", async () => {
    await settle({ client, stack, monitoring, context });
  });
}
