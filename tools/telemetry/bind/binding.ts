/** What the API's binding to telemetry is called, and the entrypoint of that Worker which it leads to. */
const BINDING = "TELEMETRY";
const ENTRYPOINT = "MetricsRecorder";

/** Name of the telemetry Worker of an environment, as `telemetry/wrangler.toml` has it. */
export function telemetryWorker(env: string): string {
  return `users-api-telemetry-${env}`;
}

/** Whether the API's configuration has the binding in an environment. */
export function hasBinding(wranglerToml: string, env: string): boolean {
  return wranglerToml.includes(`${blockOf(env)}\n`);
}

/**
 * The API's configuration with the binding, behind all that the environment has; the same when it is there already.
 * @throws Error when there is no such environment
 */
export function addBinding(wranglerToml: string, env: string): string {
  if (hasBinding(wranglerToml, env)) return wranglerToml;
  const lines = wranglerToml.split("\n");
  const last = lines.findLastIndex((line) => line.startsWith(`[env.${env}.`) || line.startsWith(`[[env.${env}.`));
  if (last === -1) throw new Error(`wrangler.toml has no environment ${env}`);
  const end = lines.indexOf("", last);
  const place = end === -1 ? lines.length : end;
  return [...lines.slice(0, place), "", ...blockOf(env).split("\n"), ...lines.slice(place)].join("\n");
}

/** The configuration without the binding. */
export function removeBinding(wranglerToml: string, env: string): string {
  return wranglerToml.replace(`\n${blockOf(env)}\n`, "");
}

function blockOf(env: string): string {
  return [
    `[[env.${env}.services]]`,
    `binding = "${BINDING}"`,
    `service = "${telemetryWorker(env)}"`,
    `entrypoint = "${ENTRYPOINT}"`,
  ].join("\n");
}
