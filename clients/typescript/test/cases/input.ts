// What feeds a stream parameter.
import type { Input } from "../../src/index.js";

/** How an input goes on after its last value. */
export type Ending = { kind: "done" } | { kind: "error"; error: unknown } | { kind: "open" };

/** An input that knows whether it was let go of. */
export class TrackedInput {
  /** Whether somebody began to read it and has neither come to its end nor let go of it. */
  isHeld = false;
  readonly #values: unknown[];
  readonly #ending: Ending;

  constructor(values: unknown[], ending: Ending) {
    this.#values = values;
    this.#ending = ending;
  }

  get stream(): Input<unknown> {
    return { [Symbol.asyncIterator]: () => this.#iterate() };
  }

  #iterate(): AsyncIterator<unknown> {
    this.isHeld = true;
    const values = this.#values[Symbol.iterator]();
    const end = (): IteratorReturnResult<undefined> => {
      this.isHeld = false;
      return { done: true, value: undefined };
    };
    let letGo = (_end: IteratorReturnResult<undefined>) => {};
    return {
      next: async () => {
        const next = values.next();
        if (!next.done) return next;
        if (this.#ending.kind === "open") return new Promise((resolve) => (letGo = resolve));
        end();
        if (this.#ending.kind === "error") throw this.#ending.error;
        return { done: true, value: undefined };
      },
      return: async () => {
        letGo(end());
        return { done: true, value: undefined };
      },
    };
  }
}
