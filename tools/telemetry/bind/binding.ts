import * as services from "../../bindings/service-binding.ts";

/** Name of the telemetry Worker of an environment, as `telemetry/wrangler.toml` has it. */
export function telemetryWorker(env: string): string {
  return `users-api-telemetry-${env}`;
}

/** What the API's binding to telemetry is called, and the entrypoint of that Worker which it leads to. */
export const TELEMETRY_BINDING: services.ServiceBinding = {
  binding: "TELEMETRY",
  entrypoint: "MetricsRecorder",
  workerOf: telemetryWorker,
};

/** Whether the API's configuration has the binding in an environment. */
export function hasBinding(wranglerToml: string, env: string): boolean {
  return services.hasBinding(wranglerToml, env, TELEMETRY_BINDING);
}

/**
 * The API's configuration with the binding; the same when it is there already.
 * @throws Error when there is no such environment
 */
export function addBinding(wranglerToml: string, env: string): string {
  return services.addBinding(wranglerToml, env, TELEMETRY_BINDING);
}

/** The configuration without the binding. */
export function removeBinding(wranglerToml: string, env: string): string {
  return services.removeBinding(wranglerToml, env, TELEMETRY_BINDING);
}
