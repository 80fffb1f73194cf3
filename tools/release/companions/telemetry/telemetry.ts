import { UsageError } from "../../../command/usage-error.ts";
import type { Companion } from "../companion.ts";
import { createTelemetryLooks } from "./looks.ts";

/** Counts for Prometheus, in a Durable Object class: docs/observability.md. */
export const TELEMETRY: Companion = {
  name: "telemetry",
  urlVariable: "TELEMETRY_URL",
  hasTriggers: false,
  prepareLooks(env) {
    const token = readToken(env["METRICS_TOKEN"]);
    return (at) => createTelemetryLooks({ ...at, token });
  },
  texts: {
    about: "After each step, /metrics has to know the token, come from the new version, and count no less than before.",
    variables: "  METRICS_TOKEN            its token for /metrics",
    setUp: "docs/observability.md, Turn it on",
    order: "telemetry first, then the API that sends it something new: it has to understand what it is sent",
    steps: [
      ["steps", "0 % and a look at /metrics through the override; then 100 %, and another look"],
      ["", "Steps in between show nothing: no user is there, and each object runs one version anyway."],
    ],
    meanwhile: "nothing is lost, for the API keeps what telemetry does not acknowledge for half an hour",
    shown: "and counts no less than before",
  },
};

function readToken(text = ""): string {
  if (/^[\x21-\x7e]+$/.test(text)) return text;
  throw new UsageError(
    text === ""
      ? "Missing in the environment: METRICS_TOKEN. See --help."
      : "METRICS_TOKEN must be visible ASCII characters.",
  );
}
