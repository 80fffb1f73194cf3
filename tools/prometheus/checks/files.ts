import { globSync, existsSync, readFileSync } from "node:fs";
import path from "node:path";

import { parse } from "yaml";

import type { Checks } from "../../previous-release/checks.ts";
import { ROOT } from "../../workerd/wrangler-packages.ts";
import { OPS_FOLDER, RULE_FILES } from "../monitoring/start-monitoring.ts";
import type { Programs } from "../programs/find-programs.ts";
import { expectSuccess } from "../programs/run-program.ts";

export interface FileCheckOptions {
  readonly checks: Checks;
  readonly programs: Programs;
  readonly signal: AbortSignal;
}

/** What Prometheus's own tools say of the files in `ops/prometheus`, as they are. */
export async function checkFiles({ checks, programs, signal }: FileCheckOptions): Promise<void> {
  const options = { cwd: OPS_FOLDER, signal };
  const { promtool, amtool } = programs;
  const rules = RULE_FILES.map((file) => path.join("rules", file));
  await checks.run("promtool check config", async () => {
    await expectSuccess(promtool, ["check", "config", "prometheus.yml"], options);
  });
  await checks.run("promtool check rules", async () => {
    await expectSuccess(promtool, ["check", "rules", ...rules], options);
  });
  await checks.run("amtool check-config", async () => {
    await expectSuccess(amtool, ["check-config", "alertmanager.yml"], options);
  });
  await checks.run("pages of production go to the pager, those of staging do not", async () => {
    for (const [environment, receiver] of Object.entries({ production: "pager", staging: "tickets" })) {
      const labels = [`environment=${environment}`, "severity=page"];
      await expectSuccess(
        amtool,
        ["config", "routes", "test", "--config.file=alertmanager.yml", `--verify.receivers=${receiver}`, ...labels],
        options,
      );
    }
  });
  await checks.run("a notification leads to a runbook that is there", async () => {
    await checkLinks(amtool, options);
  });
}

/** Each file of tests in a process of its own: they compute, so this pays. */
export async function checkRuleTests({ checks, programs, signal }: FileCheckOptions): Promise<void> {
  const files = globSync("tests/*.test.yml", { cwd: OPS_FOLDER }).toSorted();
  await Promise.all(
    files.map((file) =>
      checks.run(`promtool test rules ${file}`, async () => {
        await expectSuccess(programs.promtool, ["test", "rules", file], { cwd: OPS_FOLDER, signal });
      }),
    ),
  );
  await checks.run("there are tests of rules", async () => {
    if (files.length === 0) throw new Error(`none in ${OPS_FOLDER}/tests`);
  });
}

const TEXT = '{{ define "a" }}{{ end }}{{ template "users-api.repository" }}';

async function checkLinks(amtool: string, options: { readonly cwd: string; readonly signal: AbortSignal }) {
  const args = ["template", "render", "--template.glob=notification.tmpl", `--template.text=${TEXT}`];
  const repository = await expectSuccess(amtool, args, options);
  const file: { groups: { rules: { annotations?: { runbook_url: string } }[] }[] } = parse(
    readFileSync(path.join(OPS_FOLDER, "rules/alerts.yml"), "utf8"),
  );
  const urls = file.groups.flatMap(({ rules }) => rules.flatMap(({ annotations }) => annotations?.runbook_url ?? []));
  if (urls.length === 0) throw new Error("no alert has a runbook_url");
  for (const url of urls) {
    const link = new URL(`${repository}${url}`);
    const [, target = ""] = /\/blob\/[^/]+\/(.+)$/.exec(link.pathname) ?? [];
    if (!existsSync(path.join(ROOT, target)) || link.hash === "") throw new Error(`${link.href} leads nowhere`);
  }
}
