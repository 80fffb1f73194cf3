// `npm run judge:simulate`: how often the judge of releases errs, by simulated releases.
import { parseArgs } from "node:util";

import { UsageError } from "../../../command/usage-error.ts";
import { readDocuments, renderPage, writeDocuments } from "./page.ts";
import { drawResults } from "./picture.ts";
import { RELEASES, rejectedShare, simulateAll, type Summary, writeResults } from "./results.ts";
import { formatShare, renderTables } from "./tables.ts";

const HELP = `npm run judge:simulate [-- options]

Simulates releases of good and bad versions, in fair weather and foul, from the first step to the last verdict, with the judge and the
limits that npm run release has. Prints how many were rejected, and how soon. The same number of releases gives the same figures.

  --releases N   of each kind (default ${RELEASES}, a tenth or a twentieth of it with users' requests; takes half an hour)
  --write-docs   writes the figures to docs/releases.md and docs/judge.svg; only with the default number
  --help         this text
`;

try {
  run(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(`${error.message}\nSee npm run judge:simulate -- --help`);
  process.exitCode = 2;
}

function run(args: readonly string[]): void {
  const flags = parseFlags(args);
  if (flags.help) {
    process.stdout.write(HELP);
    return;
  }
  const releases = Number(flags.releases);
  if (!Number.isInteger(releases) || releases < 1) {
    throw new UsageError(`--releases must be a whole number from 1, not "${flags.releases}".`);
  }
  if (flags["write-docs"] && releases !== RELEASES) throw new UsageError(`--write-docs is about ${RELEASES} releases.`);
  const results = simulateAll(releases, (name, summary) => console.log(formatLine(name, summary)));
  if (!flags["write-docs"]) return;
  writeResults(results);
  writeDocuments({ page: renderPage(readDocuments().page, renderTables(results)), picture: drawResults(results) });
}

function parseFlags(args: readonly string[]) {
  const options = {
    releases: { type: "string", default: String(RELEASES) },
    "write-docs": { type: "boolean", default: false },
    help: { type: "boolean", short: "h", default: false },
  } as const;
  try {
    return parseArgs({ args: [...args], options, allowPositionals: false }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function formatLine(name: string, summary: Summary): string {
  const { medianSeconds, p95Seconds, extended, releases } = summary;
  const when = medianSeconds === null ? "" : `, half of them within ${medianSeconds} s, 95 % within ${p95Seconds} s`;
  const rejected = `rejected ${formatShare(rejectedShare(summary))}${when}`;
  return `${name}: ${rejected}; watched for longer ${formatShare(extended / releases)}`;
}
