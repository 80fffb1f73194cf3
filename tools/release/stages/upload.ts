import { ControlPlaneError } from "../cloudflare/control-plane.ts";
import { retryControlPlane } from "../cloudflare/retry.ts";
import type { ReleasePorts } from "../ports.ts";
import type { StageNotes } from "../report/journal.ts";
import { StageFailure } from "../stage-failure.ts";
import { assertUnchanged } from "./checked-out.ts";
import type { Preflight } from "./preflight.ts";
import { describeStartupRefusal } from "./startup-limit.ts";

/** As much of a commit's id as git itself shows, and some more. */
const TAG_LENGTH = 12;

/** Once: a version that Cloudflare was too busy to start in time is likely to pass; one that is too slow is not. */
const STARTUP_RETRIES_MS = [5_000];

/** Builds and uploads the version, without giving it traffic; gives its id. What was not checked is not uploaded. */
export async function uploadVersion(
  ports: Pick<ReleasePorts, "checkedOut" | "forward" | "clock">,
  { checkedOut, startupMs }: Pick<Preflight, "checkedOut" | "startupMs">,
  notes: StageNotes,
  signal: AbortSignal,
): Promise<string> {
  const tag = checkedOut.commit.slice(0, TAG_LENGTH);
  const attempt = async (): Promise<string> => {
    await assertUnchanged(ports, checkedOut);
    return await ports.forward.upload({ tag, message: checkedOut.subject });
  };
  const versionId = await retryControlPlane(attempt, {
    delaysMs: STARTUP_RETRIES_MS,
    clock: ports.clock,
    signal,
    isFinal: ({ refusal }) => refusal !== "startup-limit",
    onFailure: (text) => notes.detail(text),
  }).catch((error: unknown) => {
    if (!(error instanceof ControlPlaneError) || error.refusal !== "startup-limit") throw error;
    throw new StageFailure([error.message, describeStartupRefusal(startupMs)]);
  });
  // It was built meanwhile.
  await assertUnchanged(ports, checkedOut);
  notes.detail(`Uploaded ${versionId}, tagged ${tag}.`);
  return versionId;
}
