// `npm run types:generate`: the types of the bindings, from wrangler.toml.
import { generateTypes } from "./generate-types.ts";
import { BINDINGS_FILE } from "./wrangler-types.ts";

if (process.argv.includes("--help")) {
  console.log(`npm run types:generate\n\nWrites ${BINDINGS_FILE} from wrangler.toml, with the pinned wrangler.`);
} else {
  const { exitCode, output } = await generateTypes();
  process.stdout.write(output);
  process.exitCode = exitCode;
}
