import { clientGone } from "./errors.ts";

interface Waiter {
  readonly admit: () => void;
}

/** A counting semaphore, first come first served, whose waiters leave the queue when their client does. */
export class Permits {
  readonly #waiters = new Set<Waiter>();
  #limit: number;
  #taken = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Lowers or raises the limit; permits already taken stay valid. */
  set limit(limit: number) {
    this.#limit = limit;
    this.#admitWaiters();
  }

  /** Resolves with a permit that must be given back; rejects when `signal` aborts first. */
  async take(signal: AbortSignal): Promise<void> {
    if (signal.aborted) throw clientGone();
    if (this.#taken < this.#limit) {
      this.#taken += 1;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const leave = (): void => {
        this.#waiters.delete(waiter);
        reject(clientGone());
      };
      const waiter: Waiter = {
        admit: () => {
          signal.removeEventListener("abort", leave);
          resolve();
        },
      };
      this.#waiters.add(waiter);
      signal.addEventListener("abort", leave, { once: true });
    });
  }

  give(): void {
    this.#taken -= 1;
    this.#admitWaiters();
  }

  #admitWaiters(): void {
    for (const waiter of this.#waiters) {
      if (this.#taken >= this.#limit) return;
      this.#waiters.delete(waiter);
      this.#taken += 1;
      waiter.admit();
    }
  }
}
