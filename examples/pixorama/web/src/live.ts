import { type CallOptions, type Gap, reconnecting } from "@streampod/client";
import { Client, ImageData, ImageUpdate } from "./client/index.js";

export type Status = "connecting" | "live" | "reconnecting" | "offline";

export interface LiveEvents {
  image(image: ImageData): void;
  update(update: ImageUpdate): void;
  /** `undefined` while that is not known. */
  people(count: number | undefined): void;
  /** `retryAt` (of `performance.now()`) says when a new attempt is made. */
  status(status: Status, retryAt?: number): void;
}

const backoff = { minMs: 500, maxMs: 8_000 };

/** The page's connection to the server: whatever happens to it, it comes back. */
export class Live {
  readonly #events: LiveEvents;
  #client: Promise<Client> | undefined;
  readonly #gaps: { image?: Gap; presence?: Gap } = {};
  #isLive = false;
  #wasLive = false;

  constructor(events: LiveEvents) {
    this.#events = events;
    addEventListener("online", () => (this.#isLive ? events.status("live") : this.retryNow()));
    addEventListener("offline", () => events.status("offline"));
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.retryNow());
  }

  start(): void {
    void this.#followImage();
    void this.#followPresence();
  }

  /** Does not wait for the next attempt. */
  retryNow(): void {
    this.#gaps.image?.retryNow();
    this.#gaps.presence?.retryNow();
  }

  async setPixel(index: number, color: number): Promise<void> {
    const client = await this.#connected();
    await client.pixorama.setPixel(color, index);
  }

  async #followImage(): Promise<void> {
    const stream = reconnecting((options) => this.#open((client) => client.pixorama.imageUpdates(options)), {
      ...this.#always,
      onGap: (gap) => {
        this.#gaps.image = gap;
        this.#report(gap);
      },
      onStatus: (status) => status === "connecting" && this.#report(),
    });
    for await (const element of stream) {
      if (element instanceof ImageData) {
        this.#isLive = this.#wasLive = true;
        this.#events.image(element);
        this.#events.status("live");
        this.#gaps.presence?.retryNow();
      } else if (element instanceof ImageUpdate) this.#events.update(element);
    }
  }

  async #followPresence(): Promise<void> {
    const open = (options: CallOptions) => this.#open((client) => client.pixorama.presence(options));
    const onGap = (gap: Gap) => {
      this.#gaps.presence = gap;
      this.#events.people(undefined);
    };
    for await (const count of reconnecting(open, { ...this.#always, onGap })) this.#events.people(count);
  }

  /** Neither stream ever ends by itself, so whatever ended it, it is called again. */
  get #always() {
    return { backoff, retry: () => true };
  }

  #report(gap?: Gap): void {
    this.#isLive = false;
    if (!navigator.onLine) this.#events.status("offline");
    else if (gap) this.#events.status("reconnecting", performance.now() + gap.delayMs);
    else this.#events.status(this.#wasLive ? "reconnecting" : "connecting");
  }

  async *#open<T>(call: (client: Client) => AsyncIterable<T>): AsyncGenerator<T> {
    yield* call(await this.#connected());
  }

  /** The client, once it is known where the API is. */
  #connected(): Promise<Client> {
    this.#client ??= apiUrl().then(
      (url) => new Client(url),
      (error: unknown) => {
        this.#client = undefined; // The next one asks again.
        throw error;
      },
    );
    return this.#client;
  }
}

/** The API's URL is the server's to say: only it knows its ports. `localhost` stands for the machine that the page came from. */
async function apiUrl(): Promise<string> {
  const response = await fetch("/config.json");
  if (!response.ok) throw new Error(`config.json: HTTP status ${response.status}`);
  const url = new URL(((await response.json()) as { apiUrl: string }).apiUrl);
  if (url.hostname === "localhost") url.hostname = location.hostname;
  return url.href;
}
