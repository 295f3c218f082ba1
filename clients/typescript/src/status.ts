/** A status, and who is told when it changes. */
export class Status<S> {
  readonly #listeners = new Set<(value: S) => void>();

  constructor(public value: S) {}

  /** @returns a function that takes the listener off again. */
  listen(listener: (value: S) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  set(value: S): void {
    if (this.value === value) return;
    this.value = value;
    for (const listener of [...this.#listeners]) {
      if (this.value !== value) return; // A listener changed it, and all were told of that.
      try {
        listener(value);
      } catch (error) {
        queueMicrotask(() => {
          throw error; // Reported, but all else goes on.
        });
      }
    }
  }
}
