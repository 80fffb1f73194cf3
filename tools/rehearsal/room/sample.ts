/** One request to the control Worker, which does nothing: what it waits for is the machine, the proxy and the runtime. */
export interface ControlRecord {
  /** When it was sent: milliseconds since 1970. */
  readonly at: number;
  /** Until its answer, or until it was given up. */
  readonly ms: number;
  readonly isAnswered: boolean;
}

/** What the load generator saw of its own room since the sample before. */
export interface RoomSample {
  /** When it was taken: milliseconds since 1970. */
  readonly at: number;
  /** The longest time that the generator itself could not run, in ms. */
  readonly lagMs: number;
  /** Share of the time since the sample before in which the runtime of a version had work and got no processor, 0 to 1. */
  readonly starvedShare: number;
  /** Control requests that ended since the sample before. */
  readonly controls: readonly ControlRecord[];
  /** Requests that were due and not sent, because there was no room for them. */
  readonly shed: number;
}
