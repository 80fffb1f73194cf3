import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

import type { Cleanup } from "../../command/cleanup.ts";
import { findFreePort } from "../../net/listen.ts";
import { startServerProcess } from "../../process/server-process.ts";
import { ROOT } from "../../workerd/wrangler-packages.ts";
import type { Programs } from "../programs/find-programs.ts";
import { type Pager, startPager } from "./pager.ts";
import { shortenAlertmanager, shortenPrometheus, shortenRules } from "./shorten.ts";

/** Where the project's own files for Prometheus are. */
export const OPS_FOLDER = path.join(ROOT, "ops/prometheus");
export const RULE_FILES = ["recording.yml", "alerts.yml"] as const;

/** Prometheus and Alertmanager, each on a port of its own. */
export interface Monitoring {
  /** Without a slash at the end, as the next one. */
  readonly prometheus: string;
  readonly alertmanager: string;
  readonly pager: Pager;
}

export interface MonitoringOptions {
  readonly programs: Programs;
  /** Host and port of telemetry. */
  readonly telemetry: string;
  readonly metricsToken: string;
  readonly folder: string;
  readonly cleanup: Cleanup;
}

/** Starts both with the project's configuration, made for this machine: `shorten.ts` says what is changed. */
export async function startMonitoring(options: MonitoringOptions): Promise<Monitoring> {
  const { folder, cleanup } = options;
  mkdirSync(path.join(folder, "rules"), { recursive: true });
  const pager = await startPager();
  cleanup.add(() => pager.close());
  const alertmanager = await startAlertmanager(options, pager);
  const prometheus = await startPrometheus(options, alertmanager);
  return { prometheus: `http://${prometheus}`, alertmanager: `http://${alertmanager}`, pager };
}

const readOps = (file: string): string => readFileSync(path.join(OPS_FOLDER, file), "utf8");

/** Gives its host and port. */
async function startAlertmanager({ programs, folder, cleanup }: MonitoringOptions, pager: Pager): Promise<string> {
  const config = path.join(folder, "alertmanager.yml");
  writeFileSync(config, shortenAlertmanager(readOps("alertmanager.yml"), pager.url));
  copyFileSync(path.join(OPS_FOLDER, "notification.tmpl"), path.join(folder, "notification.tmpl"));
  const address = `127.0.0.1:${await findFreePort()}`;
  const server = await startServerProcess({
    name: "Alertmanager",
    program: programs.alertmanager,
    args: [
      `--config.file=${config}`,
      `--storage.path=${path.join(folder, "alertmanager")}`,
      `--web.listen-address=${address}`,
      // Alone: without it, it would listen for others of its kind.
      "--cluster.listen-address=",
      "--log.level=warn",
    ],
    folder,
    logFile: path.join(folder, "alertmanager.log"),
    probeUrl: `http://${address}/-/ready`,
  });
  cleanup.add(() => server.stop());
  return address;
}

/** Gives its host and port. */
async function startPrometheus(
  { programs, telemetry, metricsToken, folder, cleanup }: MonitoringOptions,
  alertmanager: string,
): Promise<string> {
  const config = path.join(folder, "prometheus.yml");
  const credentialsFile = path.join(folder, "token");
  writeFileSync(credentialsFile, metricsToken, { mode: 0o600 });
  for (const file of RULE_FILES)
    writeFileSync(path.join(folder, "rules", file), shortenRules(readOps(`rules/${file}`)));
  writeFileSync(config, shortenPrometheus(readOps("prometheus.yml"), { telemetry, alertmanager, credentialsFile }));
  const address = `127.0.0.1:${await findFreePort()}`;
  const server = await startServerProcess({
    name: "Prometheus",
    program: programs.prometheus,
    args: [
      `--config.file=${config}`,
      `--storage.tsdb.path=${path.join(folder, "prometheus")}`,
      `--web.listen-address=${address}`,
      "--log.level=warn",
    ],
    folder,
    logFile: path.join(folder, "prometheus.log"),
    probeUrl: `http://${address}/-/ready`,
  });
  cleanup.add(() => server.stop());
  return address;
}
