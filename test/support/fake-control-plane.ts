import {
  type ControlPlane,
  ControlPlaneError,
  type Deployment,
  type Refusal,
  type UploadOptions,
  type VersionShare,
} from "../../tools/release/cloudflare/control-plane.ts";

type Method = keyof ControlPlane;

/** Cloudflare as a release sees it, in memory, with the rules that matter to one. */
export interface FakeControlPlane extends ControlPlane {
  /** What was asked for, as `deploy new@10 old@90`. */
  readonly calls: readonly string[];
  readonly uploads: readonly UploadOptions[];
  live(): readonly VersionShare[];
  /** Somebody else deploys. */
  deployElsewhere(shares: readonly VersionShare[], message?: string): void;
  /** Makes the next calls fail, before or after they have taken effect, with a refusal if one is given. */
  failNext(method: Method, times: number, moment?: "before" | "after", refusal?: Refusal): void;
  /** Called at the beginning of every call. */
  onCall: (call: string) => void;
}

export interface FakeControlPlaneOptions {
  /** Versions that were uploaded before. */
  readonly versions?: readonly string[];
  /** Version with all the traffic; none for a Worker that was never deployed. */
  readonly live?: string | null;
  /** Ids of the uploads to come. */
  readonly nextIds?: readonly string[];
}

export function createFakeControlPlane(options: FakeControlPlaneOptions = {}): FakeControlPlane {
  const { live = null, nextIds = [] } = options;
  const known = new Set(options.versions ?? (live === null ? [] : [live]));
  const waiting = [...nextIds];
  const history: Deployment[] = [];
  const calls: string[] = [];
  const uploads: UploadOptions[] = [];
  const failures: { method: Method; moment: "before" | "after"; refusal: Refusal | null }[] = [];

  const record = (versions: readonly VersionShare[], message: string | null): void => {
    const number = history.length + 1;
    const createdOn = new Date(Date.UTC(2026, 0, 1) + number * 60_000).toISOString();
    history.unshift({ id: `deployment-${number}`, createdOn, message, versions });
  };
  if (live !== null) record([{ versionId: live, percentage: 100 }], null);

  const failIfPlanned = (method: Method, moment: "before" | "after"): void => {
    const place = failures.findIndex((failure) => failure.method === method && failure.moment === moment);
    if (place === -1) return;
    const [failure] = failures.splice(place, 1);
    throw new ControlPlaneError(`${method} failed: planned.`, failure?.refusal);
  };
  const call = async <Result>(method: Method, text: string, act: () => Result): Promise<Result> => {
    calls.push(text);
    fake.onCall(text);
    failIfPlanned(method, "before");
    const result = act();
    failIfPlanned(method, "after");
    return await Promise.resolve(result);
  };
  const assertDeployable = (shares: readonly VersionShare[]): void => {
    const ids = new Set(shares.map(({ versionId }) => versionId));
    const sum = shares.reduce((total, { percentage }) => total + percentage, 0);
    const isInRange = shares.every(({ percentage }) => percentage >= 0 && percentage <= 100);
    if (ids.size !== shares.length || shares.length > 2 || sum !== 100 || !isInRange)
      throw new ControlPlaneError("Bad split.");
    const unknown = [...ids].find((id) => !known.has(id));
    if (unknown !== undefined) throw new ControlPlaneError(`No version ${unknown}.`, "unknown-version");
  };

  const fake: FakeControlPlane = {
    calls,
    uploads,
    onCall: () => {},
    live: () => history[0]?.versions ?? [],
    deployElsewhere: (shares, message = "by hand") => record(shares, message),
    failNext(method, times, moment = "before", refusal) {
      for (let time = 0; time < times; time++) failures.push({ method, moment, refusal: refusal ?? null });
    },
    deployments: () => call("deployments", "deployments", () => [...history]),
    upload: (upload) =>
      call("upload", `upload ${upload.tag}`, () => {
        if (history.length === 0) throw new ControlPlaneError("This Worker does not exist.");
        const id = waiting.shift() ?? crypto.randomUUID();
        known.add(id);
        uploads.push(upload);
        return id;
      }),
    deploy: (shares, message) =>
      call(
        "deploy",
        `deploy ${shares.map(({ versionId, percentage }) => `${versionId}@${percentage}`).join(" ")}`,
        () => {
          assertDeployable(shares);
          record(shares, message);
        },
      ),
    rollBack: (versionId, message) =>
      call("rollBack", `rollBack ${versionId}`, () => {
        assertDeployable([{ versionId, percentage: 100 }]);
        record([{ versionId, percentage: 100 }], message);
      }),
  };
  return fake;
}
