// `npm run events:bind`: the API's binding to the events Worker, into wrangler.toml or out of it.
import { runBindCommand } from "../../bindings/bind-command.ts";
import { EVENTS_BINDING } from "./binding.ts";

const HELP = `npm run events:bind -- --env staging|production [--remove]

Writes the binding EVENTS of the API into wrangler.toml, and the types of the bindings, so that from its next release on webhooks are sent right after a change.
Deploy the events Worker first (docs/events.md, Turn it on): Cloudflare refuses a binding to a Worker that does not exist. Without the binding
they are sent as well, within a minute.

  --env NAME    staging or production
  --remove      takes the binding out again, which has to be released before the events Worker is deleted
  --help        this text

Exit code: 0 done, also when there was nothing to do; 1 the types could not be written; 2 wrong usage.
`;

if (import.meta.main) {
  process.exitCode = await runBindCommand(
    { name: "npm run events:bind", help: HELP, target: "the events Worker", service: EVENTS_BINDING },
    process.argv.slice(2),
  );
}
