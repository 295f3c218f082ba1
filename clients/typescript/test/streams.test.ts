import assert from "node:assert/strict";
import { test } from "node:test";
import { CallClosedWithErrorError, CallRefusedError, CodecError, SlowConsumerError, int, type RefusalReason } from "../src/index.js";
import { ExceptionWithData, SimpleData, exceptionWithData } from "./models.js";
import { anything, consume, count, fakeClient, settle } from "./support.js";

test("a returned stream: opened, elements, end", async () => {
  const { client, socket } = fakeClient();
  const result = consume(client.open(count, {}, {}));
  await settle();
  await socket().accept();
  const call = socket().call();
  assert.match(call.opened.cid, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.deepEqual({ ...call.opened, cid: "" }, { en: "test", m: "count", cid: "", args: "{}", is: [] });
  await call.answer();
  await call.element("int", 0);
  await call.element("int", 1);
  await call.close();
  assert.deepEqual(result, { values: [0, 1], ended: true, error: undefined });
  assert.deepEqual(call.sent, []);
  assert.ok(socket().closed);
});

test("arguments and authentication travel with the call", async () => {
  const { client, socket } = fakeClient({ authentication: { header: async () => "Bearer abc" } });
  const method = { ...count, args: { value: int, data: SimpleData } };
  consume(client.open(method, { value: 3, data: new SimpleData({ num: 1 }) }, {}));
  await settle();
  await socket().accept();
  assert.equal(socket().call().opened.args, '{"value":3,"data":{"num":1}}');
  assert.equal(socket().call().opened.auth, "Bearer abc");
});

test("calls interleave on one socket", async () => {
  const { client, socket, sockets } = fakeClient();
  const first = consume(client.open(count, {}, {}));
  const second = consume(client.open(anything, {}, {}));
  await settle();
  await socket().accept();
  const [a, b] = [socket().call(0), socket().call(1)];
  await b.answer();
  await a.answer();
  await b.element("String", "x");
  await a.element("int", 1);
  await b.element("SimpleData", { num: 4 });
  await a.close();
  assert.deepEqual(first, { values: [1], ended: true, error: undefined });
  assert.ok(!socket().closed, "the other call still needs it");
  await b.element("null", null);
  await b.close();
  assert.deepEqual(second, { values: ["x", new SimpleData({ num: 4 }), null], ended: true, error: undefined });
  assert.ok(socket().closed);
  assert.equal(sockets.length, 1);
});

test("break cancels the call, and what still comes for it is ignored", async () => {
  const { client, socket } = fakeClient();
  const other = consume(client.open(count, {}, {}));
  const done = (async () => {
    for await (const value of client.open(count, {}, {})) if (value === 1) break;
  })();
  await settle();
  await socket().accept();
  const call = socket().call(1);
  await call.answer();
  for (const value of [0, 1, 2]) await call.element("int", value);
  await done;
  assert.deepEqual(call.sent, [{ type: "cmsc", cr: "done" }]);
  await call.element("int", 3);
  await call.close();
  assert.ok(!other.ended && !socket().closed);
});

test("an AbortSignal cancels, with its reason", async () => {
  const { client, socket } = fakeClient();
  const abort = new AbortController();
  const result = consume(client.open(count, {}, {}, { signal: abort.signal }));
  await settle();
  await socket().accept();
  await socket().call().answer();
  const reason = new Error("enough");
  abort.abort(reason);
  await settle();
  assert.equal(result.error, reason);
  assert.deepEqual(socket().call().sent, [{ type: "cmsc", cr: "done" }]);
  assert.ok(socket().closed);

  const late = consume(client.open(count, {}, {}, { signal: abort.signal }));
  await settle();
  assert.equal(late.error, reason, "an aborted signal does not even open");
});

test("a refused call says why", async () => {
  const reasons: Record<string, RefusalReason> = {
    endpointNotFound: "notFound",
    authenticationFailed: "unauthorized",
    authorizationDeclined: "forbidden",
    invalidArguments: "badRequest",
  };
  for (const [res, reason] of [...Object.entries(reasons), ["constructor", "badRequest"]] as const) { // Whatever is not known.
    const { client, socket } = fakeClient();
    const result = consume(client.open(count, {}, {}));
    await settle();
    await socket().accept();
    await socket().call().answer(res);
    assert.ok(result.error instanceof CallRefusedError);
    assert.equal(result.error.reason, reason);
    assert.ok(socket().closed);
  }
});

test("a typed exception is thrown out of the stream", async () => {
  const { client, socket } = fakeClient();
  const result = consume(client.open(count, {}, {}));
  await settle();
  await socket().accept();
  const call = socket().call();
  await call.answer();
  await call.element("int", 7);
  await call.exception("ExceptionWithData", ExceptionWithData.encode(exceptionWithData("oh")));
  await call.close("error");
  assert.deepEqual(result.values, [7]);
  assert.ok(result.error instanceof ExceptionWithData);
  assert.equal(result.error.message, "oh");
  assert.ok(result.error.creationDate instanceof Date);
});

test("an unknown exception and an unexplained error close the call with an error", async () => {
  for (const thrown of [true, false]) {
    const { client, socket } = fakeClient();
    const result = consume(client.open(count, {}, {}));
    await settle();
    await socket().accept();
    const call = socket().call();
    await call.answer();
    if (thrown) await call.exception("Unheard", {});
    await call.close("error");
    assert.ok(result.error instanceof CallClosedWithErrorError);
  }
});

test("an element of the wrong type ends that call alone", async () => {
  const { client, socket } = fakeClient();
  const other = consume(client.open(count, {}, {}));
  const result = consume(client.open(count, {}, {}));
  await settle();
  await socket().accept();
  const call = socket().call(1);
  await call.answer();
  await call.element("String", "x");
  assert.ok(result.error instanceof CodecError);
  assert.deepEqual(call.sent, [{ type: "cmsc", cr: "done" }]);
  assert.ok(!other.ended);
});

test("a consumer that is too slow loses the call, not the memory", async () => {
  const { client, socket } = fakeClient({ maxBufferedElements: 2 });
  const iterator = client.open(count, {}, {})[Symbol.asyncIterator]();
  await settle();
  await socket().accept();
  const call = socket().call();
  await call.answer();
  for (const value of [0, 1, 2, 3]) await call.element("int", value);
  assert.deepEqual(call.sent, [{ type: "cmsc", cr: "done" }]);
  assert.deepEqual([(await iterator.next()).value, (await iterator.next()).value], [0, 1]);
  await assert.rejects(iterator.next(), SlowConsumerError);
  assert.equal((await iterator.next()).done, true);
});

test("arguments that do not fit open nothing", async () => {
  const { client, sockets } = fakeClient();
  const method = { ...count, args: { value: int } };
  const result = consume(client.open(method, { value: 1.5 }, {}));
  await settle();
  assert.ok(result.error instanceof CodecError);
  assert.equal(sockets.length, 0);
});
