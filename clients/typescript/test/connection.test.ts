import assert from "node:assert/strict";
import { test } from "node:test";
import { ClientClosedError, type ClientStatus, ConnectionFailedError, ConnectionLostError, HandshakeTimeoutError, IdleTimeoutError } from "../src/index.js";
import { consume, count, echo, fakeClient, settle } from "./support.js";

test("the socket is opened by the first call, closed after the last, and opened anew", async () => {
  const { client, sockets, socket, clock } = fakeClient();
  const seen: ClientStatus[] = [client.status];
  const stop = client.onStatus((status) => seen.push(status));
  assert.equal(sockets.length, 0);
  for (const round of [0, 1]) {
    const result = consume(client.open(count, {}, {}));
    await settle();
    assert.equal(sockets.length, round + 1);
    assert.equal(socket().url, "ws://localhost:8080/v1/websocket");
    await socket().accept();
    await socket().call().answer();
    await socket().call().close();
    assert.ok(result.ended && socket().closed);
  }
  assert.deepEqual(seen, ["idle", "connecting", "open", "idle", "connecting", "open", "idle"]);
  assert.equal(clock.pending, 0, "no timer is left behind");
  stop();
  client.close();
  assert.equal(seen.at(-1), "idle");
  assert.equal(client.status, "closed");
});

test("with a close delay the next call finds the socket open", async () => {
  const { client, sockets, socket, clock } = fakeClient({ closeDelayMs: 1000 });
  for (const index of [0, 1]) {
    consume(client.open(count, {}, {}));
    await settle();
    if (index === 0) await socket().accept();
    await socket().call(index).answer();
    await socket().call(index).close();
    await clock.advance(999);
  }
  assert.equal(sockets.length, 1);
  assert.ok(!socket().closed);
  await clock.advance(1);
  assert.ok(socket().closed);
});

test("https becomes wss", async () => {
  const { StreampodClient } = await import("../src/index.js");
  const urls: string[] = [];
  class WebSocket {
    constructor(url: string) {
      urls.push(url);
      throw new SyntaxError("no");
    }
  }
  const client = new StreampodClient("https://api.example.com", { WebSocket: WebSocket as never });
  const result = consume(client.open(count, {}, {}));
  await settle();
  assert.deepEqual(urls, ["wss://api.example.com/v1/websocket"]);
  assert.ok(result.error instanceof ConnectionFailedError);
  assert.equal(client.status, "idle");
});

test("could not connect, closed at once, no answer in time", async () => {
  const failed = fakeClient();
  const first = consume(failed.client.open(count, {}, {}));
  await settle();
  const cause = new Error("ECONNREFUSED");
  failed.socket().onerror?.({ error: cause }); // Old versions of Node fire no close event then.
  await settle();
  assert.ok(first.error instanceof ConnectionFailedError);
  assert.equal(first.error.cause, cause);

  const closed = fakeClient();
  const second = consume(closed.client.open(count, {}, {}));
  await settle();
  closed.socket().onopen?.();
  await closed.socket().drop();
  assert.ok(second.error instanceof ConnectionFailedError);

  const silent = fakeClient();
  const third = consume(silent.client.open(count, {}, {}));
  await settle();
  silent.socket().onopen?.();
  await silent.clock.advance(4999);
  assert.ok(!third.ended);
  await silent.clock.advance(1);
  assert.ok(third.error instanceof HandshakeTimeoutError);
  assert.ok(silent.socket().closed);
  assert.equal(silent.clock.pending, 0);
});

test("a lost connection ends every call, and stops their inputs", async () => {
  const { client, socket } = fakeClient();
  let stopped = false;
  const input = { [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => {}), return: async () => ((stopped = true), { done: true as const, value: undefined }) }) };
  const results = [consume(client.open(count, {}, {})), consume(client.open(echo, {}, { stream: input }))];
  const value = client.openValue(echo, {}, { stream: [] });
  const rejected = assert.rejects(value, ConnectionLostError);
  await settle();
  await socket().accept();
  await socket().call(1).answer();
  await socket().drop();
  for (const result of results) assert.ok(result.error instanceof ConnectionLostError);
  await rejected;
  assert.ok(stopped);
  assert.equal(client.status, "idle");
});

test("a ping every 20 s; 40 s of silence are the end", async () => {
  const { client, socket, clock } = fakeClient();
  const result = consume(client.open(count, {}, {}));
  await settle();
  await socket().accept();
  await clock.advance(20_000);
  assert.equal(socket().ofType("ping").length, 2);
  await socket().receive("pong");
  await clock.advance(39_999);
  assert.ok(!result.ended);
  assert.equal(socket().ofType("ping").length, 3);
  await clock.advance(1);
  assert.ok(result.error instanceof IdleTimeoutError);
  assert.ok(socket().closed);
  assert.equal(clock.pending, 0);
});

test("anything heard keeps the connection", async () => {
  const { client, socket, clock } = fakeClient();
  const result = consume(client.open(count, {}, {}));
  await settle();
  await socket().accept();
  await socket().call().answer();
  for (let i = 0; i < 10; i++) {
    await clock.advance(30_000);
    await socket().call().element("int", i);
  }
  assert.equal(result.values.length, 10);
  assert.ok(!result.ended);
});

test("a paused page gives up nobody who had no time to answer", async () => {
  const { client, socket, clock } = fakeClient();
  const result = consume(client.open(count, {}, {}));
  await settle();
  await socket().accept();
  for (let i = 0; i < 3; i++) {
    await clock.pause(60_000); // Chrome wakes the timers of a hidden page once a minute.
    await socket().receive("pong");
  }
  assert.ok(!result.ended);
  await clock.pause(60_000);
  assert.ok(!result.ended, "the ping has just been sent");
  await clock.advance(19_999);
  assert.ok(!result.ended);
  await clock.advance(1);
  assert.ok(result.error instanceof IdleTimeoutError);
});

test("a page paused just before the silence is looked at sends a ping first", async () => {
  const { client, socket, clock } = fakeClient();
  const result = consume(client.open(count, {}, {}));
  await settle();
  await clock.advance(1_000);
  await socket().accept();
  await clock.advance(39_500);
  await socket().receive("pong");
  const before = socket().ofType("ping").length;
  await clock.pause(100_000);
  assert.ok(!result.ended);
  assert.ok(socket().ofType("ping").length > before);
  await clock.advance(20_000);
  assert.ok(result.error instanceof IdleTimeoutError);
});

test("a listener of the status that fails is reported, and holds up no call", async (context) => {
  const reported: unknown[] = [];
  context.mock.method(globalThis, "queueMicrotask", (task: () => void) => {
    try {
      task();
    } catch (error) {
      reported.push(error);
    }
  });
  const { client, socket } = fakeClient();
  const failure = new Error("of a listener");
  client.onStatus(() => {
    throw failure;
  });
  const result = consume(client.open(count, {}, {}));
  await settle();
  await socket().accept();
  await socket().call().close();
  assert.ok(result.ended && socket().closed);
  assert.deepEqual(reported, [failure, failure, failure]); // Connecting, open, idle.
});

test("a listener of the status may cancel the call, or close the client", async () => {
  const { client, socket, sockets, clock } = fakeClient();
  const abort = new AbortController();
  const takeOff = client.onStatus((status) => status === "connecting" && abort.abort());
  const cancelled = consume(client.open(count, {}, {}, { signal: abort.signal }));
  await settle();
  assert.ok(cancelled.ended && socket().closed);
  takeOff();

  const states: string[] = [];
  client.onStatus((status) => status === "connecting" && client.close());
  client.onStatus((status) => states.push(status));
  const closed = consume(client.open(count, {}, {}));
  await settle();
  assert.ok(closed.error instanceof ClientClosedError && socket().closed);
  assert.deepEqual([sockets.length, clock.pending, states], [2, 0, ["closed"]]);
});

test("the server's ping is answered", async () => {
  const { client, socket } = fakeClient();
  consume(client.open(count, {}, {}));
  await settle();
  await socket().accept();
  await socket().receive("ping");
  assert.equal(socket().ofType("pong").length, 1);
  socket().bufferedAmount = 2 << 20; // It takes no answers.
  await socket().receive("ping");
  assert.equal(socket().ofType("pong").length, 1);
});

test("unreadable frames are reported, then the connection is closed", async () => {
  for (const text of ["nonsense", "[]", '{"type":"what","data":{"cid":"x"}}', '{"type":"msm","data":{}}']) {
    const { client, socket } = fakeClient();
    const result = consume(client.open(count, {}, {}));
    await settle();
    await socket().accept();
    await socket().receiveText(text);
    assert.deepEqual(socket().sent.at(-1), { type: "brm", data: { req: text } });
    assert.ok(socket().closed && result.error instanceof ConnectionLostError);
  }
});

test("binary frames and brm close without an answer", async () => {
  for (const act of ["binary", "brm"]) {
    const { client, socket } = fakeClient();
    const result = consume(client.open(count, {}, {}));
    await settle();
    await socket().accept();
    const before = socket().sent.length;
    if (act === "binary") await socket().receiveText(new Uint8Array([1]));
    else await socket().receive("brm", { req: "what" });
    assert.equal(socket().sent.length, before);
    assert.ok(socket().closed && result.error instanceof ConnectionLostError);
  }
});

test("closing the client ends its calls and refuses new ones", async () => {
  const { client, socket } = fakeClient();
  const result = consume(client.open(count, {}, {}));
  await settle();
  await socket().accept();
  client.close();
  await settle();
  assert.ok(result.error instanceof ClientClosedError && socket().closed);
  const late = consume(client.open(count, {}, {}));
  await settle();
  assert.ok(late.error instanceof ClientClosedError);
});

test("a call cancelled while it waits for its authentication opens nothing", async () => {
  let authenticate = (_header: string) => {};
  const header = () => new Promise<string>((resolve) => (authenticate = resolve));
  const { client, sockets } = fakeClient({ authentication: { header } });
  const abort = new AbortController();
  const result = consume(client.open(count, {}, {}, { signal: abort.signal }));
  await settle();
  abort.abort();
  authenticate("Bearer x");
  await settle();
  assert.ok(result.ended);
  assert.equal(sockets.length, 0);
});
