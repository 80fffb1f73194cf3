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

/** A refusal or failure of the control plane; the message is fit for the operator and holds no secret. */
export class ControlPlaneError extends Error {
  override readonly name = "ControlPlaneError";
  /** Whether it was refused because a version is unknown: asking again changes nothing. */
  readonly isUnknownVersion: boolean;

  constructor(message: string, { isUnknownVersion = false } = {}) {
    super(message);
    this.isUnknownVersion = isUnknownVersion;
  }
}
