// `npm run dashboards:generate`: writes the dashboards that Grafana reads, from ops/grafana/source.
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";

import { parseFlags } from "../../tools/command/parse-flags.ts";
import { runCommand } from "../../tools/command/run-command.ts";
import { DASHBOARDS_FOLDER, findStaleDashboards, renderDashboards } from "./render.ts";

const HELP = `Usage: npm run dashboards:generate -- [--check]

Writes the dashboards of ops/grafana/provisioning/dashboards/users-api from ops/grafana/source.

Options:
  --check  write nothing; exit code 1 when a file is not what would be written
  --help   show this text
`;

const PARAMETERS = { check: { type: "boolean" }, help: { type: "boolean", short: "h" } } as const;

process.exitCode = await runCommand({
  name: "npm run dashboards:generate",
  help: HELP,
  parse(args) {
    const { check = false, help = false } = parseFlags(args, PARAMETERS);
    return help ? null : { isCheck: check };
  },
  run: async ({ isCheck }) => (isCheck ? check() : write()),
});

function check(): 0 | 1 {
  const stale = findStaleDashboards();
  for (const file of stale) console.error(`${file} is not what ops/grafana/source says: npm run dashboards:generate`);
  if (stale.length === 0) console.log("The dashboards are what ops/grafana/source says.");
  return stale.length === 0 ? 0 : 1;
}

function write(): 0 {
  mkdirSync(DASHBOARDS_FOLDER, { recursive: true });
  for (const [file, text] of renderDashboards()) {
    writeFileSync(path.join(DASHBOARDS_FOLDER, file), text);
    console.log(`wrote ${file}`);
  }
  return 0;
}
