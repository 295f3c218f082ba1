// The handler of the deprecated streaming connection, which opens it again.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type ClientOptions, type StreamingConnectionHandlerState, StreamingConnectionHandler } from "../src/index.js";
import { accept, fake, opened } from "./streaming-endpoints-support.js";
import { settle } from "./support.js";

/** A handler, and the states that its listener was told of: `waitingToRetry 5`. */
function handled(options: ClientOptions = {}, retryEverySeconds?: number) {
  const all = fake(options);
  const states: string[] = [];
  const listener = ({ status, retryInSeconds }: StreamingConnectionHandlerState) =>
    void states.push([status, retryInSeconds].join(" ").trim());
  const handler = new StreamingConnectionHandler(all.client, { listener, clock: all.clock, ...(retryEverySeconds && { retryEverySeconds }) });
  return { ...all, handler, states };
}

test("a handler opens the connection again, and counts down to that", async () => {
  const { client, handler, states, socket, sockets, clock } = handled();
  handler.connect();
  await settle();
  await accept(socket());
  await socket().drop();
  assert.deepEqual(handler.state, { status: "waitingToRetry", retryInSeconds: 5 });
  await clock.advance(4_999);
  assert.deepEqual([sockets.length, clock.pending], [1, 1], "one timer");
  await clock.advance(1);
  assert.equal(sockets.length, 2);
  await socket().drop(); // It is still away.
  await clock.advance(5_000);
  await accept(socket());
  const countdown = [5, 4, 3, 2, 1].map((seconds) => `waitingToRetry ${seconds}`);
  assert.deepEqual(states, ["connecting", "connected", ...countdown, "connecting", ...countdown, "connecting", "connected"]);
  handler.close();
  assert.equal(states.at(-1), "disconnected");
  assert.ok(socket().closed);
  await clock.advance(60_000);
  assert.deepEqual([sockets.length, clock.pending, client.streamingConnectionStatus], [3, 0, "disconnected"]);
});

test("a handler that is closed, disposed of or told to connect while it waits", async () => {
  const waiting = async () => {
    const all = handled({}, 2.5);
    all.handler.connect();
    await settle();
    await all.socket().drop();
    assert.equal(all.states.at(-1), "waitingToRetry 3");
    await all.clock.advance(1_000);
    return all;
  };
  const closed = await waiting();
  closed.handler.close();
  assert.deepEqual([closed.states.at(-1), closed.clock.pending], ["disconnected", 0]);

  const disposed = await waiting();
  disposed.handler.dispose();
  assert.equal(disposed.clock.pending, 0);
  const told = disposed.states.length;
  void disposed.client.openStreamingConnection();
  await settle();
  await accept(disposed.socket());
  assert.equal(disposed.states.length, told);
  disposed.client.close();

  const hurried = await waiting();
  hurried.handler.connect();
  hurried.handler.connect();
  await settle();
  assert.equal(hurried.sockets.length, 2);
  await accept(hurried.socket());
  await hurried.clock.advance(10_000);
  assert.equal(hurried.sockets.length, 2);
  assert.equal(hurried.states.at(-1), "connected");
  hurried.handler.dispose();
  assert.ok(!hurried.socket().closed, "the connection stays");
});

test("a handler that was disposed of tells nothing more", async () => {
  const { client, handler, states, socket } = handled();
  handler.connect();
  await settle();
  handler.dispose();
  await socket().drop();
  assert.deepEqual(states, ["connecting"]);
  assert.equal(client.streamingConnectionStatus, "disconnected");
});

test("a handler where there is no WebSocket keeps trying", async () => {
  const { handler, states, clock } = handled({ WebSocket: undefined as never });
  const { WebSocket } = globalThis; // Node has one from version 22.
  Object.assign(globalThis, { WebSocket: undefined });
  try {
    handler.connect();
    await settle();
    assert.deepEqual(states, ["waitingToRetry 5"]);
    assert.equal(clock.pending, 1);
  } finally {
    handler.close();
    Object.assign(globalThis, { WebSocket });
  }
});

test("a handler whose listener closes it in the countdown has no timer left", async () => {
  const { client, socket, clock, sockets } = fake();
  const handler: StreamingConnectionHandler = new StreamingConnectionHandler(client, {
    clock,
    listener: ({ retryInSeconds }) => retryInSeconds === 4 && handler.close(),
  });
  handler.connect();
  await settle();
  await socket().drop();
  await clock.advance(1_000);
  assert.deepEqual([handler.state, clock.pending], [{ status: "disconnected" }, 0]);
  await clock.advance(10_000);
  assert.equal(sockets.length, 1);
});

test("a handler gives up a client that was closed", async () => {
  const open = handled();
  open.handler.connect();
  await settle();
  await accept(open.socket());
  open.client.close();
  await settle();
  assert.deepEqual([open.states, open.clock.pending], [["connecting", "connected", "disconnected"], 0]);

  const waiting = handled();
  waiting.handler.connect();
  await settle();
  await waiting.socket().drop();
  waiting.client.close();
  assert.deepEqual([waiting.handler.state, waiting.clock.pending], [{ status: "disconnected" }, 0]);
  await waiting.clock.advance(60_000);
  assert.deepEqual([waiting.handler.state, waiting.clock.pending, waiting.sockets.length], [{ status: "disconnected" }, 0, 1]);
});

test("a handler of a connection that is open knows that", async () => {
  const { client, clock } = await opened();
  const handler = new StreamingConnectionHandler(client, { clock });
  assert.deepEqual(handler.state, { status: "connected" });
  handler.connect();
  assert.deepEqual(handler.state, { status: "connected" });
});

test("a header that fails is tried again as well", async () => {
  let isFailing = true;
  const { handler, clock, sockets } = handled({ authentication: { header: () => (isFailing ? Promise.reject(new Error("of the header")) : "Bearer x") } });
  handler.connect();
  await settle();
  assert.equal(handler.state.status, "waitingToRetry");
  isFailing = false;
  await clock.advance(5_000);
  assert.match(sockets[0]!.url, /auth=x$/);
});
