type Listener = (...args: readonly unknown[]) => void;

/**
 * Takes the place of `node:events` in the bundle (see `[alias]` in wrangler.toml): as much of it as OpenFeature's SDK uses. Node's own
 * would need a compatibility flag that brings far more along.
 */
export class EventEmitter {
  readonly #listeners = new Map<string, Listener[]>();

  on(event: string, listener: Listener): this {
    this.#listeners.set(event, [...this.listeners(event), listener]);
    return this;
  }

  removeListener(event: string, listener: Listener): this {
    const rest = this.listeners(event);
    const place = rest.lastIndexOf(listener);
    if (place !== -1) this.#listeners.set(event, rest.toSpliced(place, 1));
    return this;
  }

  removeAllListeners(event?: string): this {
    if (event === undefined) this.#listeners.clear();
    else this.#listeners.delete(event);
    return this;
  }

  listeners(event: string): Listener[] {
    return [...(this.#listeners.get(event) ?? [])];
  }

  emit(event: string, ...args: readonly unknown[]): boolean {
    const listeners = this.listeners(event);
    for (const listener of listeners) listener(...args);
    return listeners.length > 0;
  }
}
