import assert from "node:assert/strict";
import { test } from "node:test";
import { CallClosedWithErrorError, CodecError, int, voidType } from "../src/index.js";
import { ExceptionWithData, exceptionWithData } from "./models.js";
import { consume, echo, fakeClient, settle } from "./support.js";

test("inputs are fed once the call is accepted, and ended", async () => {
  const { client, socket } = fakeClient();
  const result = consume(client.open(echo, {}, { stream: [1, 2] }));
  await settle();
  await socket().accept();
  const call = socket().call();
  assert.deepEqual(call.opened.is, ["stream"]);
  await settle();
  assert.deepEqual(call.sent, []);
  await call.answer();
  assert.deepEqual(call.sent, [
    { type: "msm", p: "stream", o: { className: "int", data: 1 } },
    { type: "msm", p: "stream", o: { className: "int", data: 2 } },
    { type: "cmsc", p: "stream", cr: "done" },
  ]);
  await call.close();
  assert.ok(result.ended);
});

test("an input that throws a typed exception sends it", async () => {
  const { client, socket } = fakeClient();
  async function* input() {
    yield 1;
    throw exceptionWithData("mine");
  }
  consume(client.open(echo, {}, { stream: input() }));
  await settle();
  await socket().accept();
  const call = socket().call();
  await call.answer();
  const data = { message: "mine", creationDate: "2020-01-01T00:00:00.000Z", errorFields: ["a", "b"] };
  assert.deepEqual(call.sent.slice(1), [
    { type: "msse", p: "stream", ex: { className: "ExceptionWithData", data } },
    { type: "cmsc", p: "stream", cr: "error" },
  ]);
});

test("an input that fails closes with an error, and is the cause of what follows", async () => {
  const failure = new Error("disk full");
  async function* failing(): AsyncGenerator<number> {
    throw failure;
  }
  async function* unencodable(): AsyncGenerator<number> {
    throw new ExceptionWithData({ ...exceptionWithData("x"), errorFields: 1 as never });
  }
  let cleanedUp = false;
  async function* wrong(): AsyncGenerator<number> {
    try {
      yield "x" as never;
    } finally {
      cleanedUp = true;
    }
  }
  for (const input of [failing(), wrong(), unencodable(), 42 as never]) {
    const { client, socket } = fakeClient();
    const result = consume(client.open(echo, {}, { stream: input }));
    await settle();
    await socket().accept();
    const call = socket().call();
    await call.answer();
    assert.deepEqual(call.sent, [{ type: "cmsc", p: "stream", cr: "error" }]);
    await call.close("error");
    assert.ok(result.error instanceof CallClosedWithErrorError);
    assert.ok(result.error.cause === failure || result.error.cause instanceof CodecError || result.error.cause instanceof TypeError);
  }
  assert.ok(cleanedUp);
});

/** Yields what it is given, and tells when it was told to stop. */
function controlled() {
  let give: (value: number) => void = () => {};
  const input = {
    returned: 0,
    give: (value: number) => give(value),
    [Symbol.asyncIterator]: () => ({
      next: () => new Promise<IteratorResult<number>>((resolve) => (give = (value) => resolve({ done: false, value }))),
      return: async () => {
        input.returned++;
        return { done: true as const, value: undefined };
      },
    }),
  };
  return input;
}

test("the server closing a parameter stops its input alone", async () => {
  const { client, socket } = fakeClient();
  const [one, two] = [controlled(), controlled()];
  const method = { ...echo, inputs: { one: int, two: int } };
  const result = consume(client.open(method, {}, { one, two }));
  await settle();
  await socket().accept();
  const call = socket().call();
  await call.answer();
  await call.close("done", "one");
  assert.deepEqual([one.returned, two.returned], [1, 0]);
  one.give(1);
  two.give(2);
  await settle();
  assert.deepEqual(call.sent, [{ type: "msm", p: "two", o: { className: "int", data: 2 } }]);
  await call.close();
  assert.equal(two.returned, 1, "the end of the call stops what is left");
  assert.ok(result.ended);
});

test("inputs wait while the socket has much to send", async () => {
  const { client, socket, clock } = fakeClient();
  consume(client.open(echo, {}, { stream: [1, 2, 3] }));
  await settle();
  await socket().accept();
  const call = socket().call();
  socket().bufferedAmount = 2 << 20;
  await call.answer();
  assert.equal(call.sent.length, 1);
  await clock.advance(100);
  assert.equal(call.sent.length, 1);
  socket().bufferedAmount = 0;
  await clock.advance(20);
  assert.equal(call.sent.length, 4);
});

test("an input whose opening aborts the call is not read, nor those after it", async () => {
  const { client, socket } = fakeClient();
  const abort = new AbortController();
  const read: string[] = [];
  const input = (name: string, opened: () => void): AsyncIterable<number> => ({
    [Symbol.asyncIterator]() {
      opened();
      return { next: () => (read.push(name), new Promise(() => {})), return: async () => (read.push(`${name} returned`), { done: true, value: undefined }) };
    },
  });
  const both = { ...echo, inputs: { first: int, second: int } };
  const inputs = { first: input("first", () => abort.abort()), second: input("second", () => read.push("second opened")) };
  consume(client.open(both, {}, inputs, { signal: abort.signal }));
  await settle();
  await socket().accept();
  await socket().call().answer();
  assert.deepEqual(read, ["first returned"]);
});

test("a single value, and none", async () => {
  const { client, socket } = fakeClient();
  const value = client.openValue(echo, {}, { stream: [1] });
  const nothing = client.openValue({ ...echo, returns: voidType }, {}, { stream: [] });
  const missing = client.openValue(echo, {}, { stream: [] });
  const refused = assert.rejects(missing, CallClosedWithErrorError);
  await settle();
  await socket().accept();
  const calls = [0, 1, 2].map((index) => socket().call(index));
  for (const call of calls) await call.answer();
  await calls[0]!.element("int", 42);
  for (const call of calls) await call.close();
  assert.equal(await value, 42);
  assert.equal(await nothing, undefined);
  await refused;
});

test("a single value stops an input that goes on", async () => {
  const { client, socket } = fakeClient();
  const input = controlled();
  const value = client.openValue(echo, {}, { stream: input });
  await settle();
  await socket().accept();
  await socket().call().answer();
  await socket().call().element("int", 1);
  await socket().call().close();
  assert.equal(await value, 1);
  assert.equal(input.returned, 1);
});
