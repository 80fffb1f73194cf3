/** A binding of the API to another Worker, which it does without until an operator wants it. */
export interface ServiceBinding {
  readonly binding: string;
  /** Of the other Worker. */
  readonly entrypoint: string;
  /** Name of the other Worker in an environment, as its own configuration has it. */
  readonly workerOf: (env: string) => string;
}

/** Whether the API's configuration has the binding in an environment. */
export function hasBinding(wranglerToml: string, env: string, service: ServiceBinding): boolean {
  return wranglerToml.includes(`${blockOf(env, service)}\n`);
}

/**
 * The API's configuration with the binding, behind all that the environment has; the same when it is there already.
 * @throws Error when there is no such environment
 */
export function addBinding(wranglerToml: string, env: string, service: ServiceBinding): string {
  if (hasBinding(wranglerToml, env, service)) return wranglerToml;
  const lines = wranglerToml.split("\n");
  const last = lines.findLastIndex((line) => line.startsWith(`[env.${env}.`) || line.startsWith(`[[env.${env}.`));
  if (last === -1) throw new Error(`wrangler.toml has no environment ${env}`);
  const end = lines.indexOf("", last);
  const place = end === -1 ? lines.length : end;
  return [...lines.slice(0, place), "", ...blockOf(env, service).split("\n"), ...lines.slice(place)].join("\n");
}

/** The configuration without the binding. */
export function removeBinding(wranglerToml: string, env: string, service: ServiceBinding): string {
  return wranglerToml.replace(`\n${blockOf(env, service)}\n`, "");
}

function blockOf(env: string, { binding, entrypoint, workerOf }: ServiceBinding): string {
  return [
    `[[env.${env}.services]]`,
    `binding = "${binding}"`,
    `service = "${workerOf(env)}"`,
    `entrypoint = "${entrypoint}"`,
  ].join("\n");
}
