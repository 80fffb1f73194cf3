// `npm run telemetry:bind`: the API's binding to the telemetry Worker, into wrangler.toml or out of it.
import { runBindCommand } from "../../bindings/bind-command.ts";
import { TELEMETRY_BINDING } from "./binding.ts";

const HELP = `npm run telemetry:bind -- --env staging|production [--remove]

Writes the binding TELEMETRY of the API into wrangler.toml, and the types of the bindings, so that its next release delivers metrics. Deploy the telemetry Worker
first (docs/observability.md, Turn it on): Cloudflare refuses a binding to a Worker that does not exist.

  --env NAME    staging or production
  --remove      takes the binding out again, which has to be released before the telemetry Worker is deleted
  --help        this text

Exit code: 0 done, also when there was nothing to do; 1 the types could not be written; 2 wrong usage.
`;

if (import.meta.main) {
  process.exitCode = await runBindCommand(
    { name: "npm run telemetry:bind", help: HELP, target: "telemetry", service: TELEMETRY_BINDING },
    process.argv.slice(2),
  );
}
