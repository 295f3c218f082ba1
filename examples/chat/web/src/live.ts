import {
  CallClosedWithErrorError,
  type CallOptions,
  CallRefusedError,
  ConnectionError,
  type Gap,
  HttpError,
  UnauthorizedError,
  reconnecting,
} from "@streampod/client";
import { type ChatEvent, type Client, type Message, type People, type Room } from "./client/index.js";

export type Status = "connecting" | "live" | "reconnecting" | "offline";

export interface LiveEvents {
  rooms(rooms: readonly Room[]): void;
  /** `isEarlier`: said before the stream was opened. */
  messages(messages: readonly Message[], isEarlier: boolean): void;
  people(people: People): void;
  /** `retryAt` (of `performance.now()`) says when a new attempt is made. */
  status(status: Status, retryAt?: number): void;
  /** This device is signed in no more. */
  signedOut(): void;
}

const backoff = { minMs: 500, maxMs: 8_000 };
/** How often a stream is opened again without waiting, at most. */
const atOnceMs = 5_000;

/**
 * What the page follows while somebody is signed in: every room, the inbox, and who is online. Each is a stream of its own, and all
 * of them share one WebSocket. Whatever ends one, it is opened again, unless the device was signed out.
 */
export class Live {
  readonly #client: Client;
  readonly #events: LiveEvents;
  readonly #abort = new AbortController();
  /** The streams that have not brought anything since they were opened. */
  readonly #silent = new Set<string>();
  readonly #gaps = new Map<string, Gap>();
  #wasLive = false;
  #ended = false;

  constructor(client: Client, events: LiveEvents) {
    this.#client = client;
    this.#events = events;
    const { signal } = this.#abort;
    addEventListener("online", () => (this.#silent.size > 0 ? this.retryNow() : this.#report()), { signal });
    addEventListener("offline", () => this.#report(), { signal });
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.retryNow(), { signal });
  }

  start(): void {
    this.#events.status("connecting");
    const chat = this.#client.chat;
    void this.#follow("presence", (options) => chat.presence(options), (people) => this.#events.people(people));
    void this.#follow("inbox", (options) => chat.inbox(options), (event) => this.#heard(event));
    void this.#follow("rooms", (options) => this.#roomsOnce(options), (rooms) => {
      this.#events.rooms(rooms);
      for (const { name } of rooms) void this.#follow(`#${name}`, (options) => chat.room(name, options), (event) => this.#heard(event));
    });
  }

  /** Lets go of everything, and tells nothing more. */
  stop(): void {
    this.#ended = true;
    this.#abort.abort();
    this.#client.close();
  }

  /** Does not wait for the next attempts. */
  retryNow(): void {
    for (const gap of this.#gaps.values()) gap.retryNow();
  }

  /** What an error of a call means: `true` if it was that this device is signed in no more, which is then told. */
  refused(error: unknown): boolean {
    const isSignedOut = error instanceof UnauthorizedError || (error instanceof CallRefusedError && error.reason === "unauthorized");
    if (isSignedOut && !this.#ended) {
      this.stop();
      this.#events.signedOut();
    }
    return isSignedOut;
  }

  /** The rooms do not change, but asking for them can fail as a stream can. */
  async *#roomsOnce(options: CallOptions): AsyncGenerator<Room[]> {
    yield await this.#client.chat.rooms({ signal: options.signal });
  }

  async #follow<T>(name: string, open: (options: CallOptions) => AsyncIterable<T>, take: (element: T) => void): Promise<void> {
    this.#silent.add(name);
    let lastAtOnce = -atOnceMs;
    const onGap = (gap: Gap) => {
      this.#silent.add(name);
      this.#gaps.set(name, gap);
      // The server itself ended it: because something may have been missed, or the device was signed out. Which of them, it
      // says when it is asked again.
      if (gap.error instanceof CallClosedWithErrorError && performance.now() - lastAtOnce > atOnceMs) {
        lastAtOnce = performance.now();
        return gap.retryNow();
      }
      this.#report();
    };
    const retry = (error: unknown) => !this.refused(error) && (error !== undefined || name !== "rooms");
    try {
      for await (const element of reconnecting(open, { signal: this.#abort.signal, backoff, retry, onGap })) {
        this.#gaps.delete(name);
        take(element);
        if (this.#silent.delete(name)) this.#report();
      }
    } catch (error) {
      if (!this.#ended) throw error; // A fault of the page, such as an element that it cannot show.
    }
  }

  #heard(event: ChatEvent): void {
    switch (event.$type) {
      case "Earlier":
        return this.#events.messages(event.messages, true);
      case "Said":
        return this.#events.messages([event.message], false);
      default:
        event satisfies never;
    }
  }

  #report(): void {
    if (this.#ended) return;
    if (!navigator.onLine) return this.#events.status("offline");
    if (this.#silent.size === 0) {
      this.#wasLive = true;
      return this.#events.status("live");
    }
    const gap = [...this.#gaps.values()].at(-1);
    const retryAt = gap && performance.now() + gap.delayMs;
    this.#events.status(this.#wasLive ? "reconnecting" : "connecting", retryAt);
  }
}

/** Whether a call may not have reached a server: the connection failed, or a proxy says that there is no server behind it now. */
export function isUnreached(error: unknown): boolean {
  return error instanceof ConnectionError || (error instanceof HttpError && [502, 503, 504].includes(error.statusCode));
}

/** The API's URL is the server's to say. `localhost` stands for the machine that the page came from. */
export async function apiUrl(): Promise<string> {
  const response = await fetch("config.json");
  if (!response.ok) throw new Error(`config.json: HTTP status ${response.status}`);
  const url = new URL(((await response.json()) as { apiUrl: string }).apiUrl, location.href);
  if (url.hostname === "localhost") url.hostname = location.hostname;
  return url.href;
}
