import { ConnectionError } from "@streampod/client";
import type { Picture } from "./picture.js";

/** A browser opens some six connections to a server; more calls at once would only wait in it. */
const parallelCalls = 6;
const minDelayMs = 500;
const maxDelayMs = 8_000;

/** Sends what was painted, a few pixels at a time, and again when the server could not be reached. */
export class Outbox {
  readonly #picture: Picture;
  readonly #send: (index: number, color: number) => Promise<void>;
  readonly #onRefused: (error: unknown) => void;
  /** Pixels on their way: a second call for the same one could overtake the first. */
  readonly #busy = new Set<number>();
  #paused = false;
  #failures = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;

  constructor(picture: Picture, send: (index: number, color: number) => Promise<void>, onRefused: (error: unknown) => void) {
    this.#picture = picture;
    this.#send = send;
    this.#onRefused = onRefused;
  }

  /** Sends what waits, unless the server is known to be away. */
  flush(): void {
    while (!this.#paused && this.#busy.size < parallelCalls) {
      const next = this.#picture.takeQueued((index) => this.#busy.has(index));
      if (!next) return;
      void this.#deliver(next);
    }
  }

  /** The server is back: no more waiting. */
  resume(): void {
    clearTimeout(this.#retry);
    this.#paused = false;
    this.#failures = 0;
    this.flush();
  }

  async #deliver({ index, stroke }: NonNullable<ReturnType<Picture["takeQueued"]>>): Promise<void> {
    this.#busy.add(index);
    try {
      await this.#send(index, stroke.color);
      this.#picture.saved(index, stroke);
      this.#failures = 0;
    } catch (error) {
      if (error instanceof ConnectionError) {
        this.#picture.requeue(stroke);
        this.#pause();
      } else {
        this.#picture.refused(index, stroke);
        this.#onRefused(error);
      }
    }
    this.#busy.delete(index);
    this.flush();
  }

  /** Waits, longer each time. Calls that fail together are one failure. */
  #pause(): void {
    if (this.#paused) return;
    this.#paused = true;
    this.#retry = setTimeout(() => {
      this.#paused = false;
      this.flush();
    }, Math.min(maxDelayMs, minDelayMs * 2 ** this.#failures++));
  }
}
