import { type SocketOptions, type WebSocketLike, drained } from "../connection.js";
import { ConnectionFailedError } from "../errors.js";
import { type Json, parse, stringify } from "../json.js";
import { Keepalive } from "../keepalive.js";
import { isObject } from "../type.js";
import { tokenOf, wrapped } from "./token.js";

/**
 * Of the streaming connection: `connected` once the server answered.
 *
 * @deprecated Methods with streams take the place of streaming endpoints.
 */
export type StreamingConnectionStatus = "connecting" | "connected" | "disconnected";

export interface StreamingConnectionOptions extends SocketOptions {
  url: string;
  header: () => Promise<string | undefined>;
  onStatus: (connection: StreamingConnection) => void;
  /** Told of each message, as it came: `object` is perhaps no message. */
  onMessage: (endpoint: string, object: unknown) => void;
}

/** One WebSocket of the streaming endpoints from opening to closing. Section 4 of the wire contract. */
export class StreamingConnection {
  status: StreamingConnectionStatus = "connecting";
  /** Resolves once the first ping was sent. */
  readonly opened: Promise<void>;

  readonly #options: StreamingConnectionOptions;
  readonly #keepalive: Keepalive;
  #socket: WebSocketLike | undefined;
  /** Whether the socket itself opened. */
  #socketOpened = false;
  #setOpened!: () => void;
  #setFailed!: (error: unknown) => void;
  /** The time after which connecting is given up. */
  #deadline: unknown;
  #header: string | undefined;
  /** What is to be signed in with as soon as the socket opens. */
  #nextKey: string | null | undefined;

  constructor(options: StreamingConnectionOptions) {
    this.#options = options;
    this.opened = new Promise((resolve, reject) => {
      this.#setOpened = resolve;
      this.#setFailed = reject;
    });
    this.#keepalive = new Keepalive(options, () => this.#ping(), () => this.close());
    void this.#open().catch((error: unknown) => this.close(error));
  }

  /** Whether something can be sent. */
  get isWritable(): boolean {
    return this.#socketOpened && this.status !== "disconnected";
  }

  /** Sends at once, and resolves when the socket has taken enough of it. Nothing happens if it is not writable. */
  async send(frame: { [key: string]: Json }): Promise<void> {
    this.#sendNow(frame);
    if (this.#socket) await drained(this.#socket, this.#options.clock, () => this.isWritable);
  }

  /** Signs in with a key, now or as soon as the socket opens; or out. */
  authenticate(key: string | null): void {
    if (this.isWritable) this.#sendNow({ command: "auth", args: { key: key === null ? null : wrapped(key, this.#header) } });
    else this.#nextKey = key;
  }

  /** Closes. The error is for whoever still waits until it is open; the others see the status. */
  close(error?: unknown): void {
    if (this.status === "disconnected") return;
    this.status = "disconnected";
    this.#options.clock.clearTimeout(this.#deadline);
    this.#keepalive.stop();
    this.#socket?.close();
    this.#setFailed(error);
    this.#options.onStatus(this);
  }

  async #open(): Promise<void> {
    const { WebSocket, url, header, clock, connectTimeoutMs } = this.#options;
    this.#header = await header();
    if (this.status === "disconnected") return;
    const query = this.#header ? `?auth=${encodeURIComponent(tokenOf(this.#header))}` : "";
    try {
      this.#socket = new WebSocket(url + query);
    } catch (error) {
      const cause = String(error);
      const shown = query ? cause.replaceAll(query, "") : cause; // Without the token.
      throw new ConnectionFailedError(`could not connect to ${url}: ${shown}`);
    }
    const socket = this.#socket;
    socket.onopen = () => this.#opened();
    socket.onmessage = (event: { data?: unknown }) => this.#received(event.data);
    // A close event follows, but not in every Node. `ws` and Node tell the error, browsers do not.
    socket.onerror = (event: { error?: unknown }) => this.#lost(event.error);
    socket.onclose = () => this.#lost();
    const late = new ConnectionFailedError(`no answer within ${connectTimeoutMs} ms`);
    this.#deadline = clock.setTimeout(() => this.close(late), connectTimeoutMs);
  }

  #opened(): void {
    this.#socketOpened = true;
    this.#ping();
    if (this.#nextKey !== undefined) this.authenticate(this.#nextKey);
    this.#setOpened();
  }

  #ping(): void {
    this.#sendNow({ command: "ping", args: {} });
  }

  #sendNow(frame: { [key: string]: Json }): void {
    if (this.isWritable) this.#socket?.send(stringify(frame));
  }

  #lost(cause?: unknown): void {
    this.close(new ConnectionFailedError("could not connect", { cause }));
  }

  #received(data: unknown): void {
    if (this.status === "disconnected") return;
    this.#keepalive.heard();
    const frame = read(data);
    if (!frame) return this.close();
    if (this.status === "connecting") this.#connected();
    if (frame.endpoint !== undefined) this.#options.onMessage(frame.endpoint, frame.object);
  }

  #connected(): void {
    this.#options.clock.clearTimeout(this.#deadline);
    this.#keepalive.start();
    this.status = "connected";
    this.#options.onStatus(this);
  }
}

/** A frame: a message from an endpoint, or a command, of which none asks for anything; `undefined` if it is neither. */
function read(data: unknown): { endpoint?: string; object?: unknown } | undefined {
  let frame: unknown;
  try {
    frame = typeof data === "string" && parse(data);
  } catch {
    return undefined;
  }
  if (!isObject(frame)) return undefined;
  const { command, endpoint, object } = frame;
  if (typeof command === "string") return {};
  return typeof endpoint === "string" ? { endpoint, object } : undefined;
}
