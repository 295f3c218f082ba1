import { stop } from "./call.js";
import { type Clock, systemClock } from "./clock.js";
import { ConnectionError } from "./errors.js";
import type { CallOptions } from "./method.js";

/** Waits double from `minMs` to `maxMs`; of each, a random share up to `jitter` is taken off, so that clients spread out. */
export interface Backoff {
  /** Default 500. */
  minMs?: number;
  /** Default 30,000. */
  maxMs?: number;
  /** Default 0.5. */
  jitter?: number;
}

/** A stretch in which elements may have been missed. */
export interface Gap {
  /** Why the call ended; `undefined` when the server ended the stream. */
  error: unknown;
  /** Counts from 1 since the last success. */
  attempt: number;
  /** When the next attempt is made, from now. */
  delayMs: number;
  /** Makes it at once. */
  retryNow(): void;
}

export interface ReconnectingOptions {
  signal?: AbortSignal;
  backoff?: Backoff;
  /** Whether to call again after an error, or after a normal end (`undefined`). By default after a {@link ConnectionError}. */
  retry?: (error: unknown) => boolean;
  /** Told of each gap, when it begins. */
  onGap?: (gap: Gap) => void;
  /** Told when an attempt begins, and when its call is open. */
  onStatus?: (status: "connecting" | "open") => void;
  clock?: Clock;
  random?: () => number;
}

/**
 * A stream that is called again whenever its connection was lost:
 *
 * ```ts
 * for await (const update of reconnecting((options) => client.board.watch(options), { signal, onGap })) …
 * ```
 *
 * What happened between two calls is lost; `onGap` is the place to say so, or to fetch what was missed.
 */
export function reconnecting<T>(
  open: (options: CallOptions) => AsyncIterable<T>,
  options: ReconnectingOptions = {},
): AsyncGenerator<T, void, undefined> {
  const wait: Wait = { end: () => {}, unwanted: false };
  const elements = callAgain(open, options, wait);
  const finish = elements.return.bind(elements);
  elements.return = (value) => {
    wait.unwanted = true;
    wait.end(); // A generator returns only when nothing is awaited in it.
    return finish(value);
  };
  return elements;
}

/** What a stream awaits, and whether its consumer stopped. */
interface Wait {
  end: () => void;
  unwanted: boolean;
}

async function* callAgain<T>(
  open: (options: CallOptions) => AsyncIterable<T>,
  options: ReconnectingOptions,
  wait: Wait,
): AsyncGenerator<T, void, undefined> {
  const { signal, retry = (error) => error instanceof ConnectionError, onGap, onStatus } = options;
  let attempt = 0;
  const onOpen = () => {
    attempt = 0;
    onStatus?.("open");
  };
  for (;;) {
    let error: unknown;
    onStatus?.("connecting");
    try {
      const call = open({ signal, onOpen })[Symbol.asyncIterator]();
      wait.end = () => stop(call);
      for await (const element of { [Symbol.asyncIterator]: () => call }) {
        attempt = 0;
        yield element;
      }
    } catch (failure) {
      error = failure;
    }
    if (signal?.aborted) throw signal.reason;
    if (wait.unwanted) return;
    if (!retry(error)) {
      if (error === undefined) return;
      throw error;
    }
    const delayMs = delay(attempt++, options);
    await pause(options, delayMs, (end) => {
      wait.end = end;
      onGap?.({ error, attempt, delayMs, retryNow: end });
    });
    if (wait.unwanted) return;
  }
}

function delay(attempt: number, { backoff: { minMs = 500, maxMs = 30_000, jitter = 0.5 } = {}, random = Math.random }: ReconnectingOptions): number {
  return Math.round(Math.min(maxMs, minMs * 2 ** attempt) * (1 - jitter * random()));
}

/** @throws the signal's reason when it aborts meanwhile. */
async function pause({ signal, clock = systemClock }: ReconnectingOptions, ms: number, begun: (end: () => void) => void): Promise<void> {
  let end = () => {};
  const ended = new Promise<void>((resolve) => (end = resolve));
  const timer = clock.setTimeout(end, ms);
  signal?.addEventListener("abort", end);
  try {
    begun(end);
    await ended;
  } finally {
    clock.clearTimeout(timer);
    signal?.removeEventListener("abort", end);
  }
  signal?.throwIfAborted();
}
