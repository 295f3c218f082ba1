import assert from "node:assert/strict";
import { type ClientOptions, type Clock, Protocol, StreampodClient, type WebSocketLike, dynamic, int } from "../src/index.js";
import { models } from "./models.js";

/** A clock that stands still until it is told to go on. */
export class FakeClock implements Clock {
  #now = 0;
  #timers = new Map<object, { at: number; callback: () => void }>();

  now(): number {
    return this.#now;
  }

  setTimeout(callback: () => void, ms: number): unknown {
    const timer = {};
    this.#timers.set(timer, { at: this.#now + ms, callback });
    return timer;
  }

  clearTimeout(timer: unknown): void {
    this.#timers.delete(timer as object);
  }

  get pending(): number {
    return this.#timers.size;
  }

  /** Lets time pass, running what falls due in its order. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (;;) {
      const [next] = [...this.#timers].sort(([, a], [, b]) => a.at - b.at);
      if (!next || next[1].at > end) break;
      this.#timers.delete(next[0]);
      this.#now = Math.max(this.#now, next[1].at);
      next[1].callback();
      await settle();
    }
    this.#now = end;
  }

  /** Lets time pass in which nothing runs, as in a paused page; what fell due runs after it. */
  async pause(ms: number): Promise<void> {
    this.#now += ms;
    await this.advance(0);
  }
}

/** Lets everything happen that waits for nothing outside. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

export interface SentFrame {
  type: string;
  data: { en?: string; m?: string; cid: string; p?: string; cr?: string; args?: string; is?: string[]; auth?: string; o?: unknown; ex?: unknown; req?: string };
}

/** A WebSocket whose server is the test. */
export class FakeSocket implements WebSocketLike {
  bufferedAmount = 0;
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onerror: ((event: { error?: unknown }) => void) | null = null;
  onclose: (() => void) | null = null;
  closed = false;
  readonly sent: SentFrame[] = [];

  constructor(readonly url: string) {}

  send(data: string): void {
    this.sent.push(JSON.parse(data) as SentFrame);
  }

  close(): void {
    this.closed = true;
  }

  /** The server accepts the connection, and answers the first ping. */
  async accept(): Promise<void> {
    this.onopen?.();
    assert.deepEqual(this.sent, [{ type: "ping" }], "the first frame is a ping");
    await this.receive("pong");
  }

  async receive(type: string, data?: object): Promise<void> {
    await this.receiveText(JSON.stringify({ type, data }));
  }

  async receiveText(data: unknown): Promise<void> {
    this.onmessage?.({ data });
    await settle();
  }

  async drop(): Promise<void> {
    this.onclose?.();
    await settle();
  }

  ofType(type: string): SentFrame[] {
    return this.sent.filter((frame) => frame.type === type);
  }

  /** The call that was opened as the n-th on this socket. */
  call(index = 0): FakeCall {
    const open = this.ofType("omsc")[index];
    assert.ok(open, `call ${index} was opened`);
    return new FakeCall(this, open.data);
  }
}

/** The server's side of one call. */
export class FakeCall {
  constructor(readonly socket: FakeSocket, readonly opened: SentFrame["data"]) {}

  get #head() {
    return { en: this.opened.en, m: this.opened.m, cid: this.opened.cid };
  }

  answer(res = "success"): Promise<void> {
    return this.socket.receive("omsr", { ...this.#head, res });
  }

  element(className: string, data: unknown): Promise<void> {
    return this.socket.receive("msm", { ...this.#head, o: { className, data } });
  }

  exception(className: string, data: unknown): Promise<void> {
    return this.socket.receive("msse", { ...this.#head, ex: { className, data } });
  }

  close(cr: "done" | "error" = "done", p?: string): Promise<void> {
    return this.socket.receive("cmsc", { ...this.#head, p, cr });
  }

  /** What the client sent for this call after opening it, without the head. */
  get sent(): object[] {
    const mine = this.socket.sent.filter((frame) => frame.type !== "omsc" && frame.data?.cid === this.opened.cid);
    return mine.map(({ type, data: { en: _en, m: _m, cid: _cid, ...rest } }) => ({ type, ...rest }));
  }
}

/** A client on fake sockets and a fake clock; its options are for another one there. */
export function fakeClient(options: ClientOptions = {}) {
  const clock = new FakeClock();
  const sockets: FakeSocket[] = [];
  class WebSocket extends FakeSocket {
    constructor(url: string) {
      super(url);
      sockets.push(this);
    }
  }
  options = { WebSocket, clock, ...options };
  const client = new StreampodClient("http://localhost:8080", options, new Protocol(models));
  const socket = (index = sockets.length - 1): FakeSocket => {
    const found = sockets[index];
    assert.ok(found, `socket ${index} exists`);
    return found;
  };
  return { client, clock, sockets, socket, options };
}

export const count = { endpoint: "test", method: "count", args: {}, inputs: {}, returns: int };
export const echo = { endpoint: "test", method: "echo", args: {}, inputs: { stream: int }, returns: int };
export const anything = { endpoint: "test", method: "anything", args: {}, inputs: {}, returns: dynamic };

/** Consumes a stream in the background: what came, and how it ended. */
export function consume<T>(stream: AsyncIterable<T>) {
  const values: T[] = [];
  const result = { values, ended: false, error: undefined as unknown };
  void (async () => {
    try {
      for await (const value of stream) values.push(value);
    } catch (error) {
      result.error = error;
    }
    result.ended = true;
  })();
  return result;
}
