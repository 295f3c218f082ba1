import type { Clock } from "./clock.js";

export interface KeepaliveOptions {
  clock: Clock;
  pingIntervalMs: number;
  idleTimeoutMs: number;
}

/** Pings a peer at intervals, and says when it was silent for too long. */
export class Keepalive {
  readonly #options: KeepaliveOptions;
  readonly #sendPing: () => void;
  readonly #onSilence: () => void;
  #lastHeard = 0;
  /** When the first of the pings was sent after which nothing was heard. */
  #unanswered: number | undefined;
  /** The time after which the peer is given up. */
  #deadline: unknown;
  #nextPing: unknown;

  constructor(options: KeepaliveOptions, sendPing: () => void, onSilence: () => void) {
    this.#options = options;
    this.#sendPing = sendPing;
    this.#onSilence = onSilence;
  }

  /** The peer has just been heard for the first time. */
  start(): void {
    this.heard();
    this.#watch(this.#options.idleTimeoutMs);
    this.#pingLater();
  }

  heard(): void {
    this.#lastHeard = this.#options.clock.now();
    this.#unanswered = undefined;
  }

  stop(): void {
    this.#options.clock.clearTimeout(this.#deadline);
    this.#options.clock.clearTimeout(this.#nextPing);
  }

  #pingLater(): void {
    this.#nextPing = this.#options.clock.setTimeout(() => {
      this.#ping();
      this.#pingLater();
    }, this.#options.pingIntervalMs);
  }

  #ping(): void {
    this.#unanswered ??= this.#options.clock.now();
    this.#sendPing();
  }

  /**
   * Looks after `ms` whether anything was heard within the idle timeout. In a page that the browser paused or slows down, pings
   * are late: the silence is the server's only if it had as long to answer one as it has otherwise.
   */
  #watch(ms: number): void {
    const { clock, idleTimeoutMs, pingIntervalMs } = this.#options;
    this.#deadline = clock.setTimeout(() => {
      const now = clock.now();
      let left = this.#lastHeard + idleTimeoutMs - now;
      if (left <= 0) {
        if (this.#unanswered === undefined) this.#ping();
        left = this.#unanswered! + idleTimeoutMs - pingIntervalMs - now;
      }
      if (left > 0) this.#watch(left);
      else this.#onSilence();
    }, ms);
  }
}
