/**
 * What the emulated Cloudflare knows of a Worker, in the terms of its API: a script has versions, which never change, and
 * deployments, the newest of which is live. The control plane writes it, the data plane runs it.
 */
export interface Script {
  /** Name in the account, as `users-api-production`. */
  readonly name: string;
  /** Newest first, as wrangler expects; the first one is live. Empty before the first deployment. */
  readonly deployments: readonly Deployment[];
  /** In the order of their upload. */
  readonly versions: readonly Version[];
  /** Whether `<script>.<subdomain>.workers.dev` leads to it. */
  readonly hasWorkersDev: boolean;
  /** Whether `<first 8 of a version id>-<script>.…` leads to that version, deployed or not. */
  readonly hasPreviewUrls: boolean;
  readonly customDomains: readonly string[];
  /** Cron expressions; not versioned. */
  readonly crons: readonly string[];
  /** Classes of Durable Objects that its migrations have made; not versioned. */
  readonly objectClasses: readonly ObjectClass[];
}

/** A class of Durable Objects; what its objects keep belongs to the namespace, whatever the class is called. */
export interface ObjectClass {
  readonly name: string;
  /** 32 hex digits. */
  readonly namespaceId: string;
  readonly storage: "sqlite" | "kv";
}

export interface Version {
  /** UUID. */
  readonly id: string;
  /** 1 for the first version of its script. */
  readonly number: number;
  /** RFC 3339. */
  readonly createdOn: string;
  /** As `workers/tag`, `workers/message`, `workers/alias`, `workers/triggered_by`. */
  readonly annotations: Readonly<Record<string, string>>;
  readonly mainModule: string;
  readonly modules: readonly ScriptModule[];
  /** Complete: what the upload inherited or kept from the version before stands in it. */
  readonly bindings: readonly Binding[];
  readonly compatibilityDate: string;
  readonly compatibilityFlags: readonly string[];
  readonly assets: VersionAssets | null;
}

export interface ScriptModule {
  /** As the bundle imports it: `index.js`. */
  readonly name: string;
  /** Media type of its part in the upload. */
  readonly type: string;
  /** Absolute path of the file that holds it. */
  readonly file: string;
}

/** A binding as wrangler uploads it: `{ name, type: "plain_text", text }`, `{ name, type: "ratelimit", … }`. */
export interface Binding {
  readonly name: string;
  readonly type: string;
  readonly [member: string]: unknown;
}

export interface VersionAssets {
  /** Absolute path of a folder that holds the files under their public paths. */
  readonly directory: string;
  /** `html_handling`, `not_found_handling`, `run_worker_first` and the like, as uploaded. */
  readonly config: Readonly<Record<string, unknown>>;
}

export interface Deployment {
  readonly id: string;
  readonly createdOn: string;
  readonly annotations: Readonly<Record<string, string>>;
  /** One or two; the percentages sum to 100. The order matters to version affinity. */
  readonly versions: readonly VersionShare[];
}

export interface VersionShare {
  readonly versionId: string;
  /** 0 to 100. */
  readonly percentage: number;
}

/** Runs what the control plane decides. */
export interface DataPlane {
  /**
   * Starts a version that was just uploaded, as Cloudflare does before it accepts it; it stays warm for its deployment.
   * Gives the start-up time in ms.
   * @throws StartupError
   */
  tryStart(script: Script, version: Version): Promise<number>;
  /**
   * Makes the script as it is now the one that is served: starts what its live deployment needs, then switches over, after
   * the delay that propagation is set to take. Resolves when all needed versions run; the switch may come later.
   * @throws StartupError
   */
  publish(script: Script): Promise<void>;
  /** Stops all that runs for a script that was deleted, after its requests in flight. */
  remove(scriptName: string): Promise<void>;
}

/** How the data plane can be made to misbehave. */
export interface DataPlaneFaults {
  /** Delay until a deployment takes effect, its overrides included. */
  readonly propagationMs: number;
  readonly ignoreOverrides: boolean;
  /** So many of the next method calls over service bindings take effect, and their callers get an error. */
  readonly loseRpcAnswers: number;
}

/** A version that cannot start; the message is the runtime's, with positions in the uploaded bundle. */
export class StartupError extends Error {
  override readonly name = "StartupError";
}
