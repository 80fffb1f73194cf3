// `npm run types:generate`: the types of the bindings, from wrangler.toml.
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

import { binPath, ROOT, runScript } from "../process/run-script.ts";
import { BINDINGS_FILE, dropFirstComment, WORKER_TYPES } from "./wrangler-types.ts";

if (process.argv.includes("--help")) {
  console.log(`npm run types:generate\n\nWrites ${BINDINGS_FILE} from wrangler.toml, with the pinned wrangler.`);
} else {
  const { exitCode, output } = await runScript(binPath("wrangler"), WORKER_TYPES);
  process.stdout.write(output);
  const file = path.join(ROOT, BINDINGS_FILE);
  if (exitCode === 0) writeFileSync(file, dropFirstComment(readFileSync(file, "utf8")));
  process.exitCode = exitCode;
}
