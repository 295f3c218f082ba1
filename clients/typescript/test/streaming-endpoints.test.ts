// The deprecated streaming endpoints, on a scripted WebSocket and clock.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  ClientClosedError, CodecError, ConnectionError, ConnectionFailedError, SlowConsumerError, StreamingEndpointRef, double, int, list,
  typed,
} from "../src/index.js";
import * as jsGenerated from "../../../crates/codegen/tests/golden/typescript/js/streaming_endpoints/index.js";
import * as tsGenerated from "../../../crates/codegen/tests/golden/typescript/ts/streaming_endpoints/index.js";
import { SimpleData } from "./models.js";
import { consume, count, fakeClient, settle } from "./support.js";
import { accept, fake, message, opened, ping, pong } from "./streaming-endpoints-support.js";

test("connecting, connected, disconnected, and all again", async () => {
  const { client, clock, sockets, socket, seen } = fake();
  assert.equal(client.streamingConnectionStatus, "disconnected");
  for (const round of [1, 2]) {
    let isOpen = false;
    const opening = client.openStreamingConnection().then(() => (isOpen = true));
    await settle();
    assert.equal(sockets.length, round);
    assert.equal(socket().url, "ws://localhost:8080/websocket");
    assert.deepEqual([socket().sent, isOpen], [[], false]);
    socket().onopen?.();
    await opening;
    assert.deepEqual([socket().sent, client.streamingConnectionStatus], [[ping], "connecting"]);
    await pong(socket());
    assert.equal(client.streamingConnectionStatus, "connected");
    if (round === 1) client.closeStreamingConnection();
    else await socket().drop();
    assert.ok(socket().closed);
    assert.equal(client.streamingConnectionStatus, "disconnected");
  }
  assert.deepEqual(seen, ["connecting", "connected", "disconnected", "connecting", "connected", "disconnected"]);
  assert.equal(clock.pending, 0, "no timer is left behind");
  client.closeStreamingConnection();
  assert.equal(seen.length, 6, "nothing to close");
  assert.equal(client.status, "idle", "the other connection was never asked for");
});

test("whoever opens it while it is open or opening opens nothing", async () => {
  const { client, sockets, socket, seen } = fake();
  const opening = [client.openStreamingConnection(), client.openStreamingConnection()];
  await settle();
  await accept(socket());
  await Promise.all(opening);
  await client.openStreamingConnection();
  assert.equal(sockets.length, 1);
  assert.deepEqual(seen, ["connecting", "connected"]);
});

test("a message, too, says that the server answers", async () => {
  const { client, socket } = fake();
  const opening = client.openStreamingConnection();
  await settle();
  socket().onopen?.();
  await opening;
  await message(socket(), 1, "unknown");
  assert.equal(client.streamingConnectionStatus, "connected");
});

test("what fails before it is open rejects, and can be tried again", async () => {
  const { client, socket, clock, seen } = fake();
  const attempt = (fail: () => unknown, check: (error: unknown) => boolean) => {
    const rejected = assert.rejects(client.openStreamingConnection(), check);
    return settle().then(fail).then(() => rejected);
  };
  const cause = new Error("ECONNREFUSED");
  await attempt(() => socket().onerror?.({ error: cause }), (error) => error instanceof ConnectionFailedError && error.cause === cause);
  await attempt(() => socket().onclose?.(), (error) => error instanceof ConnectionFailedError);
  await attempt(() => clock.advance(5_000), (error) => error instanceof ConnectionFailedError && /5000 ms/.test(error.message));
  assert.ok(socket().closed);
  await attempt(() => client.closeStreamingConnection(), (error) => error instanceof ConnectionFailedError);
  assert.equal(clock.pending, 0);
  assert.deepEqual(seen, Array.from({ length: 4 }, () => ["connecting", "disconnected"]).flat());
  const opening = client.openStreamingConnection();
  await settle();
  await accept(socket());
  await opening;
  assert.equal(client.streamingConnectionStatus, "connected");
});

test("a server that accepts but does not answer in time is given up", async () => {
  const { client, socket, clock, seen } = fake({ connectTimeoutMs: 300 });
  const opening = client.openStreamingConnection();
  await settle();
  socket().onopen?.();
  await opening;
  await clock.advance(299);
  assert.equal(client.streamingConnectionStatus, "connecting");
  await clock.advance(1);
  assert.ok(socket().closed);
  assert.deepEqual(seen, ["connecting", "disconnected"]);
  await pong(socket());
  assert.deepEqual([seen.length, clock.pending], [2, 0], "too late");
});

test("pings keep it, silence ends it", async () => {
  const { client, socket, clock } = await opened();
  await clock.advance(20_000);
  assert.deepEqual(socket().sent, [ping, ping]);
  await pong(socket());
  await clock.advance(39_999);
  assert.equal(client.streamingConnectionStatus, "connected");
  await clock.advance(1);
  assert.equal(client.streamingConnectionStatus, "disconnected");
  assert.ok(socket().closed);
  assert.equal(clock.pending, 0);
});

test("the token goes along in the address, not in what is told of it", async () => {
  const cases: [string | undefined, string][] = [
    ["Bearer 16:a+b/c&d=é", "?auth=16%3Aa%2Bb%2Fc%26d%3D%C3%A9"],
    [`Basic ${Buffer.from("16:é").toString("base64")}`, "?auth=16%3A%C3%A9"],
    ["plain key", "?auth=plain%20key"],
    [undefined, ""],
    ["", ""],
  ];
  for (const [header, query] of cases) {
    const { client, socket } = fake({ authentication: { header: async () => header } });
    const rejected = assert.rejects(client.openStreamingConnection(), ConnectionFailedError);
    await settle();
    assert.equal(socket().url, `ws://localhost:8080/websocket${query}`);
    await socket().drop();
    await rejected;
  }
  class WebSocket {
    constructor(url: string) {
      throw new SyntaxError(`Invalid URL: ${url}`);
    }
  }
  const refusing = fake({ WebSocket: WebSocket as never, authentication: { header: () => "Bearer secret" } });
  await assert.rejects(refusing.client.openStreamingConnection(), {
    name: "ConnectionFailedError",
    message: "could not connect to ws://localhost:8080/websocket: SyntaxError: Invalid URL: ws://localhost:8080/websocket",
  });
  assert.deepEqual(refusing.seen, ["connecting", "disconnected"]);
});

test("a header that cannot be had, or read, is why it is not opened", async () => {
  const failure = new Error("of the header");
  const failing = fake({ authentication: { header: () => Promise.reject(failure) } });
  await assert.rejects(failing.client.openStreamingConnection(), failure);
  const unreadable = fake({ authentication: { header: () => "Basic ~~~" } });
  await assert.rejects(unreadable.client.openStreamingConnection(), ConnectionFailedError);
  for (const { sockets, seen } of [failing, unreadable]) assert.deepEqual([sockets.length, seen], [0, ["connecting", "disconnected"]]);
});

test("closed while the header is waited for, it opens nothing", async () => {
  for (const isForGood of [false, true]) {
    let giveHeader = (_header: string) => {};
    const { client, sockets } = fake({ authentication: { header: () => new Promise<string>((resolve) => (giveHeader = resolve)) } });
    const rejected = assert.rejects(client.openStreamingConnection(), isForGood ? ClientClosedError : ConnectionFailedError);
    await settle();
    if (isForGood) client.close();
    else client.closeStreamingConnection();
    giveHeader("Bearer x");
    await rejected;
    await settle();
    assert.deepEqual([sockets.length, client.streamingConnectionStatus], [0, "disconnected"]);
  }
});

test("another key goes in the way of the header", async () => {
  const auth = (key: string | null) => ({ command: "auth", args: { key } });
  for (const [header, key] of [
    ["Bearer old", "Bearer 1:é"],
    ["Basic b2xk", `Basic ${Buffer.from("1:é").toString("base64")}`],
    [undefined, "Bearer 1:é"],
  ]) {
    const { client, socket } = await opened({ authentication: { header: () => header } });
    client.updateStreamingConnectionAuthenticationKey("1:é");
    client.updateStreamingConnectionAuthenticationKey(null);
    client.updateStreamingConnectionAuthenticationKey("");
    assert.deepEqual(socket().sent.slice(1), [auth(key!), auth(null), auth(key!.startsWith("Basic") ? "Basic " : "Bearer ")]);
    await socket().drop();
    client.updateStreamingConnectionAuthenticationKey("1:é");
    assert.equal(socket().sent.length, 4, "not when it is disconnected");
  }
});

test("a key that changes while it is opened is sent behind the ping", async () => {
  const { client, socket } = fake();
  const opening = client.openStreamingConnection();
  client.updateStreamingConnectionAuthenticationKey("old");
  await settle();
  client.updateStreamingConnectionAuthenticationKey("new");
  socket().onopen?.();
  await opening;
  assert.deepEqual(socket().sent, [ping, { command: "auth", args: { key: "Bearer new" } }]);
});

test("messages are sent under their class names, in order", async () => {
  const { client, chat, socket } = await opened();
  await Promise.all([
    chat.sendStreamMessage(new SimpleData({ num: 1 })),
    chat.sendStreamMessage(double(42)),
    client.sendStreamMessage("other", typed(list(int), [1, 2])),
  ]);
  assert.deepEqual(socket().sent.slice(1), [
    { endpoint: "chat", object: { className: "SimpleData", data: { num: 1 } } },
    { endpoint: "chat", object: { className: "double", data: 42 } },
    { endpoint: "other", object: { className: "List<int>", data: [1, 2] } },
  ]);
  for (const value of [null, undefined, { num: 1 }, [1]]) await assert.rejects(chat.sendStreamMessage(value), CodecError);
  assert.equal(socket().sent.length, 4);
});

test("what is sent without a connection is rejected", async () => {
  const { client, chat, socket } = fake();
  const refused = () => assert.rejects(chat.sendStreamMessage(1), (error) => error instanceof ConnectionError && /openStreamingConnection/.test(error.message));
  await refused();
  const opening = client.openStreamingConnection();
  await settle();
  await refused();
  socket().onopen?.();
  await opening;
  await chat.sendStreamMessage(1); // Before the server has answered.
  assert.equal(socket().sent.length, 2);
  await socket().drop();
  await refused();
  client.close();
  await assert.rejects(chat.sendStreamMessage(1), ClientClosedError);
});

test("whoever awaits a message waits for a socket that is full", async () => {
  const { client, chat, socket, clock } = await opened();
  socket().bufferedAmount = 2 << 20;
  let sent = 0;
  for (const value of [1, 2]) void chat.sendStreamMessage(value).then(() => sent++);
  await clock.advance(100);
  assert.deepEqual([socket().sent.length, sent], [3, 0]);
  socket().bufferedAmount = 0;
  await clock.advance(20);
  assert.equal(sent, 2);
  socket().bufferedAmount = 2 << 20;
  void chat.sendStreamMessage(3).then(() => sent++);
  client.closeStreamingConnection();
  await clock.advance(20);
  assert.deepEqual([sent, clock.pending], [3, 0], "nobody waits for a socket that is closed");
});

test("messages wait for whoever iterates next", async () => {
  const { chat, socket } = await opened();
  for (const num of [1, 2, 3, 4]) await message(socket(), num);
  for await (const value of chat.stream) {
    assert.equal(value, 1);
    break; // It leaves the others.
  }
  await message(socket(), 5);
  const first = chat.stream[Symbol.asyncIterator]();
  for (const value of [2, 3]) assert.deepEqual(await first.next(), { done: false, value });
  await first.return!();
  assert.deepEqual(await first.next(), { done: true, value: undefined });
  await first.return!(); // Once more, which takes nothing away.
  const last = consume(chat.stream);
  await message(socket(), 6);
  assert.deepEqual(last.values, [4, 5, 6]);
});

test("everyone who iterates gets every message from then on, of that endpoint", async () => {
  const { client, chat, socket } = await opened();
  const other = new StreamingEndpointRef(client, "other");
  await message(socket(), 1);
  const first = consume(chat.stream);
  await message(socket(), 2);
  const second = consume(chat.stream);
  await message(socket(), 3);
  await message(socket(), 4, "other");
  await message(socket(), 5, "unknown");
  const ofOther = consume(other.stream);
  await settle();
  assert.deepEqual([first.values, second.values, ofOther.values], [[1, 2, 3], [3], [4]]);
  assert.equal(client.streamingConnectionStatus, "connected");
});

test("several who ask one iterator are answered in order", async () => {
  const { client, chat, socket } = await opened();
  const iterator = chat.stream[Symbol.asyncIterator]();
  const asked = [iterator.next(), iterator.next(), iterator.next()];
  await message(socket(), 1);
  await message(socket(), 2);
  client.close();
  const values = (await Promise.all(asked)).map(({ value }) => value as unknown);
  assert.deepEqual(values, [1, 2, undefined]);
});

test("what one leaves that others had is not kept", async () => {
  const { chat, socket } = await opened();
  const first = chat.stream[Symbol.asyncIterator]();
  const second = chat.stream[Symbol.asyncIterator]();
  await message(socket(), 1);
  await first.return!();
  const third = consume(chat.stream);
  await message(socket(), 2);
  assert.deepEqual([(await second.next()).value, (await second.next()).value, third.values], [1, 2, [2]]);
});

test("what arrives on a connection that was closed is nothing any more", async () => {
  const { client, chat, socket } = await opened();
  const result = consume(chat.stream);
  client.closeStreamingConnection();
  await message(socket(), 1);
  socket().onopen?.();
  assert.deepEqual([result.values, socket().sent], [[], [ping]]);
});

test("what is lost for want of a consumer is counted, and told in its place", async () => {
  const { chat, socket } = await opened({ maxBufferedElements: 2 });
  for (const num of [1, 2, 3, 4, 5]) await message(socket(), num);
  const iterator = chat.stream[Symbol.asyncIterator]();
  assert.equal((await iterator.next()).value, 1);
  await message(socket(), 6); // There is room again.
  assert.equal((await iterator.next()).value, 2);
  await assert.rejects(iterator.next(), (error) => error instanceof SlowConsumerError && /^3 messages from chat were lost/.test(error.message));
  assert.deepEqual(await iterator.next(), { done: true, value: undefined });
  await message(socket(), 7);
  await message(socket(), 8);
  const next = consume(chat.stream);
  await settle();
  assert.deepEqual(next.values, [6, 7]);
  assert.match(String(next.error), /1 messages/);
});

test("whoever iterates too slowly loses messages alone", async () => {
  const { chat, socket } = await opened({ maxBufferedElements: 2 });
  const quick = consume(chat.stream);
  const slow = chat.stream[Symbol.asyncIterator]();
  for (const num of [1, 2, 3]) await message(socket(), num);
  assert.deepEqual(quick.values, [1, 2, 3]);
  for (const num of [1, 2]) assert.equal((await slow.next()).value, num);
  await assert.rejects(slow.next(), SlowConsumerError);
});

test("one who waits needs no room", async () => {
  const { chat, socket } = await opened({ maxBufferedElements: 0 });
  const iterator = chat.stream[Symbol.asyncIterator]();
  const next = iterator.next();
  await message(socket(), 1);
  assert.equal((await next).value, 1);
});

test("what cannot be read is an error of that endpoint's stream, and of nothing else", async () => {
  const { client, chat, socket } = await opened();
  const frames = ['{"className":"NoSuchClass","data":{}}', '{"className":"int","data":"a"}', '{"className":"null","data":null}', '{"data":1}', "1", "null"];
  for (const object of frames) {
    const result = consume(chat.stream);
    await socket().receiveText(`{"endpoint":"chat","object":${object}}`);
    await settle();
    assert.ok(result.error instanceof CodecError, object);
    assert.match(result.error.message, /^a message from chat: /);
  }
  await socket().receiveText('{"endpoint":"chat"}');
  await message(socket(), 1);
  const missing = consume(chat.stream);
  await settle();
  assert.ok(missing.error instanceof CodecError);
  const rest = consume(chat.stream);
  await settle();
  assert.deepEqual(rest.values, [1], "it goes on behind the error");
  assert.equal(client.streamingConnectionStatus, "connected");
});

test("what is no frame ends the connection, a command that is not known does not", async () => {
  for (const data of ["not json", "[]", "null", '{"object":{}}', '{"endpoint":1,"object":{}}', new Uint8Array(1), new ArrayBuffer(1)]) {
    const { client, socket } = await opened();
    await socket().receiveText('{"command":"nope","args":{}}');
    assert.equal(client.streamingConnectionStatus, "connected");
    await socket().receiveText(data);
    assert.equal(client.streamingConnectionStatus, "disconnected", String(data));
    assert.ok(socket().closed);
  }
});

test("a stream goes on in the next connection, and ends with the client", async () => {
  const { client, chat, socket, clock } = await opened();
  const result = consume(chat.stream);
  await message(socket(), 1);
  await socket().drop();
  const opening = client.openStreamingConnection();
  await settle();
  await accept(socket());
  await opening;
  await message(socket(), 2);
  assert.ok(!result.ended);
  client.close();
  await settle();
  assert.deepEqual(result, { values: [1, 2], ended: true, error: undefined });
  assert.ok(socket().closed);
  assert.equal(client.streamingConnectionStatus, "disconnected");
  assert.equal(clock.pending, 0);
  await message(socket(), 3);
  const late = consume(chat.stream);
  await settle();
  assert.deepEqual([late.values, late.ended], [[], true]);
  await assert.rejects(client.openStreamingConnection(), ClientClosedError);
});

test("what was there before the client was closed can still be read", async () => {
  const { client, chat, socket } = await opened();
  await message(socket(), 1);
  client.close();
  const result = consume(chat.stream);
  await settle();
  assert.deepEqual(result, { values: [1], ended: true, error: undefined });
  const unknown = consume(client.streamOf("never asked for"));
  await settle();
  assert.ok(unknown.ended);
});

test("close ends both connections", async () => {
  const { client, socket } = await opened();
  const call = consume(client.open(count, {}, {}));
  await settle();
  await socket(1).accept();
  client.close();
  await settle();
  assert.ok(socket(0).closed && socket(1).closed);
  assert.ok(call.error instanceof ClientClosedError);
});

test("a listener may close the connection, the client, or open it again", async () => {
  const closing = fake();
  closing.client.onStreamingConnectionStatus((status) => status === "connecting" && closing.client.closeStreamingConnection());
  await assert.rejects(closing.client.openStreamingConnection(), ConnectionFailedError);
  await settle();
  assert.equal(closing.sockets.length, 0);

  const ending = fake();
  ending.client.onStreamingConnectionStatus((status) => status === "connected" && ending.client.close());
  const opening = ending.client.openStreamingConnection();
  await settle();
  await accept(ending.socket());
  await opening;
  assert.deepEqual([ending.socket().closed, ending.clock.pending], [true, 0]);

  const again = await opened();
  again.client.onStreamingConnectionStatus((status) => status === "disconnected" && void again.client.openStreamingConnection().catch(() => {}));
  await again.socket().drop();
  assert.equal(again.sockets.length, 2);
  assert.equal(again.client.streamingConnectionStatus, "connecting");
});

for (const [flavour, generated] of Object.entries({ ts: tsGenerated, js: jsGenerated as unknown as typeof tsGenerated })) {
  test(`${flavour}: generated endpoints send and receive under their names`, async () => {
    const { options, socket } = fakeClient();
    const client = new generated.Client("https://localhost/", options);
    const opening = client.openStreamingConnection();
    await settle();
    assert.equal(socket().url, "wss://localhost/websocket");
    await accept(socket());
    await opening;
    await client.chat.sendStreamMessage(new generated.Note({ text: "a" }));
    await client.modules.talk.chat.sendStreamMessage(new generated.talk.Note({ text: "b" }));
    const [note, foreign] = [
      { endpoint: "chat", object: { className: "Note", data: { text: "a" } } },
      { endpoint: "talk.chat", object: { className: "talk.Note", data: { text: "b" } } },
    ];
    assert.deepEqual(socket().sent.slice(1), [note, foreign]);
    for (const frame of [note, foreign, { ...note, endpoint: "plain" }]) await socket().receiveText(JSON.stringify(frame));
    const own = consume(client.chat.stream);
    const ofModule = consume(client.modules.talk.chat.stream);
    await settle();
    assert.deepEqual(own.values, [new generated.Note({ text: "a" })]);
    assert.deepEqual(ofModule.values, [new generated.talk.Note({ text: "b" })]);
    assert.ok(ofModule.values[0] instanceof generated.talk.Note);
    // @ts-expect-error It has a method of its own called so, and no messages.
    assert.equal(client.plain.stream[Symbol.asyncIterator], undefined);
    assert.equal(client.streamingConnectionStatus, "connected");
  });
}
