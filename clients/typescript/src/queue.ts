import { SlowConsumerError } from "./errors.js";

/**
 * Elements between a call that receives them and the `for await` that consumes them. At most `bound` wait: the protocol
 * cannot ask a server to pause, so one more ends the queue with a {@link SlowConsumerError}.
 */
export class ElementQueue<T> implements AsyncIterator<T, undefined> {
  readonly #elements: T[] = [];
  readonly #waiting: ((result: IteratorResult<T, undefined> | Promise<IteratorResult<T, undefined>>) => void)[] = [];
  #end: { error?: unknown } | undefined;

  /** @param onDone told once, when the consumer stops or the queue overflows. */
  constructor(readonly bound: number, readonly onDone: () => void) {}

  push(value: T): void {
    if (this.#end) return;
    const resolve = this.#waiting.shift();
    if (resolve) resolve({ done: false, value });
    else if (this.#elements.length < this.bound) this.#elements.push(value);
    else {
      this.end({ error: new SlowConsumerError(`more than ${this.bound} elements were waiting to be consumed`) });
      this.onDone();
    }
  }

  /** What was pushed before is still consumed, then comes the end, or the error. */
  end(end: { error?: unknown } = {}): void {
    if (this.#end) return;
    this.#end = end;
    for (const resolve of this.#waiting.splice(0)) resolve(this.next());
  }

  next(): Promise<IteratorResult<T, undefined>> {
    if (this.#elements.length > 0) return Promise.resolve({ done: false, value: this.#elements.shift()! });
    if (!this.#end) return new Promise((resolve) => this.#waiting.push(resolve));
    const end = this.#end;
    this.#end = {}; // An error is thrown once.
    return "error" in end ? Promise.reject(end.error) : Promise.resolve({ done: true, value: undefined });
  }

  return(): Promise<IteratorResult<T, undefined>> {
    this.#elements.length = 0;
    const wasOpen = !this.#end;
    this.end();
    this.#end = {};
    if (wasOpen) this.onDone();
    return Promise.resolve({ done: true, value: undefined });
  }
}
