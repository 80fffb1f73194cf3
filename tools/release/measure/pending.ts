interface SentRequest {
  readonly route: string;
  /** Milliseconds since some moment, as `now` gives them. */
  readonly sentAt: number;
}

/** A request that is under way, with the milliseconds since it was sent. */
export interface WaitingRequest extends SentRequest {
  readonly waitingMs: number;
}

/** Requests that are under way. */
export interface Pending {
  /** @returns to be called when it has ended, whatever became of it */
  add(request: SentRequest): () => void;
  list(): readonly WaitingRequest[];
}

export function createPending(now: () => number): Pending {
  const open = new Set<SentRequest>();
  return {
    add(request) {
      open.add(request);
      return () => void open.delete(request);
    },
    list: () => [...open].map((request) => ({ ...request, waitingMs: now() - request.sentAt })),
  };
}
