import type { Clock } from "./clock.js";
import {
  ConnectionFailedError,
  ConnectionLostError,
  HandshakeTimeoutError,
  IdleTimeoutError,
  type StreampodError,
} from "./errors.js";
import { type CallFrame, type Frame, frame, parseFrame, pingFrame, pongFrame } from "./frame.js";
import { Keepalive, type KeepaliveOptions } from "./keepalive.js";

/** The part of a WebSocket that the runtime uses: a browser's, Node's, or the `ws` package's. */
export interface WebSocketLike {
  readonly bufferedAmount: number;
  onopen: ((event: never) => void) | null;
  onmessage: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  send(data: string): void;
  close(): void;
}

export type WebSocketConstructor = new (url: string) => WebSocketLike;

/** What a client's WebSockets have in common. */
export interface SocketOptions extends KeepaliveOptions {
  WebSocket: WebSocketConstructor;
  connectTimeoutMs: number;
}

export interface ConnectionOptions extends SocketOptions {
  closeDelayMs: number;
  onState: (connection: Connection) => void;
}

/** A call as its connection sees it. */
export interface ConnectedCall {
  readonly id: string;
  /** The connection is open. */
  connected(): void;
  received(frame: CallFrame): void;
  /** The connection is no more. */
  failed(error: StreampodError): void;
}

/** How much may wait in the socket before inputs are paused, and pings no longer answered. */
const highWaterBytes = 1 << 20;
const drainPollMs = 20;

/** One WebSocket from opening to closing, shared by many calls. It closes itself when the last of them ends. */
export class Connection {
  state: "connecting" | "open" | "closed" = "connecting";

  readonly #options: ConnectionOptions;
  readonly #calls = new Map<string, ConnectedCall>();
  readonly #socket: WebSocketLike;
  /** Whether the socket itself opened; the connection is open once the server answered. */
  #socketOpened = false;
  readonly #keepalive: Keepalive;
  /** The time after which connecting is given up. */
  #deadline: unknown;
  #closing: unknown;

  /** @throws what the WebSocket's constructor throws, such as for a malformed URL. */
  constructor(url: string, options: ConnectionOptions) {
    this.#options = options;
    const { clock, idleTimeoutMs } = options;
    this.#keepalive = new Keepalive(
      options,
      () => this.send(pingFrame),
      () => this.fail(new IdleTimeoutError(`nothing was heard for ${idleTimeoutMs} ms`)),
    );
    const socket = (this.#socket = new options.WebSocket(url));
    socket.onopen = () => {
      this.#socketOpened = true;
      this.send(pingFrame);
    };
    socket.onmessage = (event: { data?: unknown }) => this.#received(event.data);
    // A close event follows, but not in every Node. `ws` and Node tell the error, browsers do not.
    socket.onerror = (event: { error?: unknown }) => this.#lost(event.error);
    socket.onclose = () => this.#lost();
    this.#deadline = clock.setTimeout(
      () => this.fail(new HandshakeTimeoutError(`no answer within ${options.connectTimeoutMs} ms`)),
      options.connectTimeoutMs,
    );
  }

  add(call: ConnectedCall): void {
    this.#options.clock.clearTimeout(this.#closing);
    this.#calls.set(call.id, call);
    if (this.state === "open") call.connected();
  }

  remove(call: ConnectedCall): void {
    this.#calls.delete(call.id);
    if (this.#calls.size > 0 || this.state === "closed") return;
    const { clock, closeDelayMs } = this.#options;
    if (closeDelayMs === 0) this.close();
    else this.#closing = clock.setTimeout(() => this.close(), closeDelayMs);
  }

  send(text: string): void {
    if (this.state !== "closed") this.#socket.send(text);
  }

  /** Resolves once the socket has taken enough of what was sent. */
  writable(): Promise<void> {
    return drained(this.#socket, this.#options.clock, () => this.state === "open");
  }

  /** Ends every call with the error, and closes. */
  fail(error: StreampodError): void {
    if (this.state === "closed") return;
    const calls = [...this.#calls.values()];
    this.#calls.clear();
    this.close();
    for (const call of calls) call.failed(error);
  }

  close(): void {
    if (this.state === "closed") return;
    this.state = "closed";
    const { clock } = this.#options;
    for (const timer of [this.#deadline, this.#closing]) clock.clearTimeout(timer);
    this.#keepalive.stop();
    this.#socket.close();
    this.#options.onState(this);
  }

  #lost(cause?: unknown): void {
    if (this.state === "open") return this.fail(new ConnectionLostError("the connection was lost", { cause }));
    this.fail(new ConnectionFailedError(this.#socketOpened ? "the server closed the connection at once" : "could not connect", { cause }));
  }

  #received(data: unknown): void {
    if (this.state === "closed") return;
    this.#keepalive.heard();
    if (typeof data !== "string") return this.fail(new ConnectionLostError("the server sent a binary frame"));
    let received: Frame;
    try {
      received = parseFrame(data);
    } catch (error) {
      this.send(frame("brm", { req: data }));
      return this.fail(new ConnectionLostError("the server sent an unreadable frame", { cause: error }));
    }
    if (this.state === "connecting") this.#opened();
    this.#dispatch(received);
  }

  #opened(): void {
    this.#options.clock.clearTimeout(this.#deadline);
    this.#keepalive.start();
    this.state = "open";
    this.#options.onState(this);
    for (const call of [...this.#calls.values()]) call.connected();
  }

  #dispatch(received: Frame): void {
    switch (received.type) {
      case "ping":
        if (this.#socket.bufferedAmount < highWaterBytes) this.send(pongFrame); // Whoever takes no answer gets no more.
        return;
      case "pong":
        return;
      case "brm":
        return this.fail(new ConnectionLostError(`the server could not read: ${received.request}`));
      default:
        this.#calls.get(received.call)?.received(received); // A call that ended here may still be answered: ignored.
    }
  }
}

/** Resolves once the socket has taken enough of what was sent. It has no event for that, so this looks again and again. */
export async function drained(socket: WebSocketLike, clock: Clock, isOpen: () => boolean): Promise<void> {
  while (isOpen() && socket.bufferedAmount > highWaterBytes) {
    await new Promise<void>((resolve) => clock.setTimeout(resolve, drainPollMs));
  }
}
