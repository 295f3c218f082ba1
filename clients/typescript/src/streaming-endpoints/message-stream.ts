import { SlowConsumerError } from "../errors.js";
import type { Protocol } from "../protocol.js";
import { mismatch, within } from "../type.js";

/**
 * The messages from one streaming endpoint. Each iterator gets every message from its beginning on. While there is none,
 * messages wait for the next one, and so does what the last one left.
 */
export class MessageStream implements AsyncIterable<unknown> {
  readonly #iterators = new Set<MessageIterator>();
  #waiting = new Backlog();
  #isClosed = false;

  constructor(readonly endpoint: string, readonly protocol: Protocol, readonly bound: number) {}

  /** @param object as it came: perhaps no message. */
  push(object: unknown): void {
    if (this.#iterators.size === 0) this.#waiting.push(object, this.bound);
    for (const iterator of [...this.#iterators]) iterator.push(object);
  }

  /** What was pushed before is still consumed, then comes the end. */
  close(): void {
    this.#isClosed = true;
    for (const iterator of [...this.#iterators]) iterator.end();
  }

  [Symbol.asyncIterator](): AsyncIterator<unknown, undefined> {
    const iterator = new MessageIterator(this, this.#waiting, (left) => {
      const wasHere = this.#iterators.delete(iterator);
      if (wasHere && this.#iterators.size === 0) this.#waiting = left;
    });
    this.#waiting = new Backlog();
    this.#iterators.add(iterator);
    if (this.#isClosed) iterator.end();
    return iterator;
  }

  /** @throws CodecError */
  decode(object: unknown): unknown {
    return within(`a message from ${this.endpoint}`, () => this.protocol.unwrap(object) ?? mismatch("a message", null));
  }
}

/** A message as it came, or how many were lost in its place. */
type Entry = { object: unknown } | { lost: number };

/** Entries that wait to be consumed. */
class Backlog {
  readonly #entries: Entry[] = [];
  #messages = 0;

  push(object: unknown, bound: number): void {
    const last = this.#entries.at(-1);
    if (this.#messages < bound) {
      this.#entries.push({ object });
      this.#messages++;
    } else if (last && "lost" in last) last.lost++;
    else this.#entries.push({ lost: 1 });
  }

  shift(): Entry | undefined {
    const entry = this.#entries.shift();
    if (entry && "object" in entry) this.#messages--;
    return entry;
  }
}

type Result = IteratorResult<unknown, undefined>;

/** One who consumes the messages. It is at its end when it has thrown: `for await` leaves it then, and does not say so. */
class MessageIterator implements AsyncIterator<unknown, undefined> {
  readonly #stream: MessageStream;
  readonly #onDone: (left: Backlog) => void;
  readonly #next: ((result: Result | Promise<Result>) => void)[] = [];
  #backlog: Backlog;
  /** Whether nothing more comes behind the backlog. */
  #isEnding = false;

  /** @param onDone told when it consumes no more, and what it leaves. */
  constructor(stream: MessageStream, backlog: Backlog, onDone: (left: Backlog) => void) {
    this.#stream = stream;
    this.#backlog = backlog;
    this.#onDone = onDone;
  }

  push(object: unknown): void {
    const resolve = this.#next.shift();
    if (resolve) resolve(this.#give({ object }));
    else this.#backlog.push(object, this.#stream.bound);
  }

  end(): void {
    this.#isEnding = true;
    for (const resolve of this.#next.splice(0)) resolve({ done: true, value: undefined });
  }

  next(): Promise<Result> {
    const entry = this.#backlog.shift();
    if (entry) return this.#give(entry);
    if (this.#isEnding) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve) => this.#next.push(resolve));
  }

  return(): Promise<Result> {
    this.#leave();
    return Promise.resolve({ done: true, value: undefined });
  }

  async #give(entry: Entry): Promise<Result> {
    try {
      if ("object" in entry) return { done: false, value: this.#stream.decode(entry.object) };
      const { endpoint, bound } = this.#stream;
      throw new SlowConsumerError(`${entry.lost} messages from ${endpoint} were lost: ${bound} were waiting to be consumed`);
    } catch (error) {
      this.#leave();
      throw error;
    }
  }

  #leave(): void {
    const left = this.#backlog;
    this.#backlog = new Backlog();
    this.end();
    this.#onDone(left);
  }
}
