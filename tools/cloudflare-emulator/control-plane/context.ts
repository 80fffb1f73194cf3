import type { KvNamespaces } from "../kv/kv-namespaces.ts";
import type { DataPlane } from "../model.ts";
import type { Queues } from "../queues/queues.ts";
import type { AssetStore } from "./assets/asset-store.ts";
import { workerNotFound } from "./http/api-error.ts";
import type { ScriptRecord } from "./state/records.ts";
import type { Store } from "./state/store.ts";
import type { Tails } from "./tails/tails.ts";

/** What the routes work with. */
export interface Context {
  readonly accountId: string;
  readonly subdomain: string;
  readonly store: Store;
  readonly assets: AssetStore;
  readonly kv: KvNamespaces;
  readonly queues: Queues;
  readonly tails: Tails;
  readonly dataPlane: DataPlane;
  readonly now: () => Date;
  /** Makes a UUID. */
  readonly newId: () => string;
  /** Runs changes of one script one after another. */
  readonly exclusively: <T>(scriptName: string, work: () => Promise<T>) => Promise<T>;
  /** Called with a script after its live deployment changed. */
  readonly onDeployment: (script: ScriptRecord) => void;
}

/** @throws ApiError 10007 */
export function findScript({ store }: Pick<Context, "store">, name: string): ScriptRecord {
  const script = store.find(name);
  if (script === null) throw workerNotFound();
  return script;
}

/**
 * Changes a script while nobody else does.
 * @throws ApiError 10007
 */
export async function changeScript<T>(
  context: Context,
  name: string,
  change: (script: ScriptRecord) => Promise<T>,
): Promise<T> {
  return await context.exclusively(name, async () => await change(findScript(context, name)));
}

/** A function that runs what is given to it under one name in order, and under different names at the same time. */
export function createQueues(): Context["exclusively"] {
  const tails = new Map<string, Promise<unknown>>();
  return async (name, work) => {
    const before = tails.get(name) ?? Promise.resolve();
    const mine = before.then(work);
    const settled = mine.catch(() => undefined);
    tails.set(name, settled);
    try {
      return await mine;
    } finally {
      if (tails.get(name) === settled) tails.delete(name);
    }
  };
}
