// Runs a script for which `typescript` is version 5: generators of clients call the compiler's JavaScript interface, which
// version 7 does not have, and npm may put them where they find version 7.
import { createRequire, registerHooks } from "node:module";
import path from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";

const client = path.join(import.meta.dirname, "../../client/package.json");
const url = pathToFileURL(createRequire(client).resolve("typescript")).href;
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === "typescript" ? { url, format: "commonjs", shortCircuit: true } : next(specifier, context),
});

const [script = "", ...args] = process.argv.slice(2);
process.argv = [process.argv[0] ?? "", script, ...args];
await import(pathToFileURL(script).href);
