// `npm run asyncapi:generate`: writes docs/asyncapi.json from docs/openapi.json; `--check` only tells whether it is up to date.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { parseFlags } from "../command/parse-flags.ts";
import { runCommand } from "../command/run-command.ts";
import { findDifference, OPENAPI_FILE } from "../openapi/generate.ts";
import { describeEvents, type OpenapiSource } from "./document.ts";

/** Where the document is committed. */
export const ASYNCAPI_FILE = fileURLToPath(new URL("../../docs/asyncapi.json", import.meta.url));

const HELP = `Usage: npm run asyncapi:generate -- [--check]

Writes docs/asyncapi.json, the description of events, from docs/openapi.json.

Options:
  --check  write nothing; exit code 1 when the file is not what would be written
  --help   show this text
`;

const PARAMETERS = { check: { type: "boolean" }, help: { type: "boolean", short: "h" } } as const;

if (import.meta.main) {
  process.exitCode = await runCommand({
    name: "npm run asyncapi:generate",
    help: HELP,
    parse(args) {
      const { check = false, help = false } = parseFlags(args, PARAMETERS);
      return help ? null : { isCheck: check };
    },
    run: async ({ isCheck }) => generate(isCheck),
  });
}

function generate(isCheck: boolean): 0 | 1 {
  const generated = generateEventsDocument();
  const difference = findDifference(existsSync(ASYNCAPI_FILE) ? readFileSync(ASYNCAPI_FILE, "utf8") : "", generated);
  if (difference === null) {
    console.log("docs/asyncapi.json is up to date");
  } else if (isCheck) {
    console.error(`docs/asyncapi.json is stale: ${difference}\nRun npm run asyncapi:generate and commit the result.`);
    return 1;
  } else {
    writeFileSync(ASYNCAPI_FILE, generated);
    console.log("docs/asyncapi.json written");
  }
  return 0;
}

/** The document as it has to be committed: pretty, with a final newline. */
function generateEventsDocument(): string {
  const openapi = JSON.parse(readFileSync(OPENAPI_FILE, "utf8")) as OpenapiSource;
  return `${JSON.stringify(describeEvents(openapi), null, 2)}\n`;
}
