/** A deployment as Cloudflare keeps it: one version at 100 %, or two that share the traffic. */
export interface Deployment {
  readonly id: string;
  /** RFC 3339. */
  readonly createdOn: string;
  /** What the release that made it wrote, or null. */
  readonly message: string | null;
  /** In the order in which they were given; version affinity depends on it. */
  readonly versions: readonly VersionShare[];
}

export interface VersionShare {
  readonly versionId: string;
  /** 0 to 100. */
  readonly percentage: number;
}

export interface UploadOptions {
  /** Git commit. */
  readonly tag: string;
  readonly message: string;
}

/** What a release asks of Cloudflare, for one Worker. Every method throws a ControlPlaneError that says what to do next. */
export interface ControlPlane {
  /** Newest first, so that the first one is live; empty when the Worker was never deployed. */
  deployments(): Promise<readonly Deployment[]>;
  /** Builds and uploads a version without giving it traffic; resolves to its id. */
  upload(options: UploadOptions): Promise<string>;
  /** Splits the traffic; the shares sum to 100. */
  deploy(shares: readonly VersionShare[], message: string): Promise<void>;
  /** Gives all traffic back to one version, named by its id. */
  rollBack(versionId: string, message: string): Promise<void>;
}

/**
 * Refusals that a release reacts to: `unknown-version` stays one however often it is asked; `startup-limit` is an upload that
 * took too long to start, which varies from one attempt to the next.
 */
export type Refusal = "unknown-version" | "startup-limit";

/** A refusal or failure of the control plane; the message is fit for the operator and holds no secret. */
export class ControlPlaneError extends Error {
  override readonly name = "ControlPlaneError";
  /** Null when it is none of those that are told apart. */
  readonly refusal: Refusal | null;

  constructor(message: string, refusal: Refusal | null = null) {
    super(message);
    this.refusal = refusal;
  }
}
