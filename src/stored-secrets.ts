import { CONFIG_VARIABLES, ConfigError } from "./config.ts";

/** The Worker's bindings by name, each what it is. */
export type Bindings = Readonly<Record<string, unknown>>;

/** A binding to a secret of a Secrets Store (https://developers.cloudflare.com/secrets-store/integrations/workers/). */
interface StoredSecret {
  /** Fails when the secret is not there any more, or the store cannot be asked. */
  get(): Promise<string>;
}

/** Variables of the configuration that are bound to a Secrets Store, and not texts of the Worker's own. */
export function listStoredSecrets(bindings: Bindings): readonly string[] {
  return CONFIG_VARIABLES.filter((name) => isStoredSecret(bindings[name]));
}

/**
 * The bindings with the texts of stored secrets in their places. To be called while a request is served: at start-up a Worker may not ask anybody.
 * @param within settles as the work does, or rejects when that takes too long
 * @throws ConfigError naming every secret that cannot be read
 */
export async function readStoredSecrets(
  bindings: Bindings,
  within: (work: Promise<string>) => Promise<string>,
): Promise<Bindings> {
  const unread: string[] = [];
  const read = async (name: string): Promise<readonly [string, unknown]> => {
    const binding = bindings[name];
    try {
      return [name, isStoredSecret(binding) ? await within(binding.get()) : binding];
    } catch {
      unread.push(name);
      return [name, undefined];
    }
  };
  const texts = await Promise.all(listStoredSecrets(bindings).map(read));
  if (unread.length > 0)
    throw new ConfigError(unread.toSorted().map((name) => `${name} cannot be read from its Secrets Store`));
  return { ...bindings, ...Object.fromEntries(texts) };
}

/** Asked for its method and nothing else: where it is a stub of the runtime's, it seems to have every property. */
function isStoredSecret(binding: unknown): binding is StoredSecret {
  return typeof binding === "object" && binding !== null && typeof Reflect.get(binding, "get") === "function";
}
