/** A change that can break a client which keeps to the older document. */
export interface Finding {
  /** The kind of change, such as `property-removed`. */
  readonly kind: string;
  /** Where: `GET /users 200 application/json /data/*`. */
  readonly place: string;
  readonly message: string;
}

/**
 * Which way a value travels. A request breaks when less is accepted than before, a response when more can come than
 * before: the same change is harmless one way and breaking the other.
 */
export type Direction = "request" | "response";

/** Whether fewer or more values are valid than before; both, when neither set contains the other. */
export interface Shift {
  readonly narrower: boolean;
  readonly wider: boolean;
}

export function breaks(direction: Direction, { narrower, wider }: Shift): boolean {
  return direction === "request" ? narrower : wider;
}
