/** One request of the load, as the client saw it. */
export interface RequestRecord {
  /** When it was sent: milliseconds since 1970. */
  readonly at: number;
  /** Until the whole answer was there, or until it was clear that there is none. */
  readonly ms: number;
  readonly operation: string;
  /** Of the answer; null when there was none. */
  readonly status: number | null;
  /** `X-Version-Id` of the answer; null when there was no answer, or none of the Worker's. */
  readonly version: string | null;
  /** `Cloudflare-Workers-Version-Key` that was sent, if any. */
  readonly affinityKey: string | null;
  /** `X-Injected-Fault` of the answer: what a version broken on purpose did to it. */
  readonly injectedFault: string | null;
  /** No whole answer came in the time that clients wait. */
  readonly isLate: boolean;
  /** What was wrong; null when the answer was right. */
  readonly problem: string | null;
}
