import assert from "node:assert/strict";
import { test } from "node:test";
import { CallClosedWithErrorError, ConnectionFailedError, ConnectionLostError, type Gap, type ReconnectingOptions, reconnecting } from "../src/index.js";
import { consume, count, fakeClient, settle } from "./support.js";

/** A reconnecting stream over a fake client; every delay is its longest. */
function fakeReconnecting(options: ReconnectingOptions = {}) {
  const fake = fakeClient();
  const gaps: Gap[] = [];
  const states: string[] = [];
  const stream = reconnecting((call) => fake.client.open(count, {}, {}, call), {
    clock: fake.clock,
    random: () => 0,
    onGap: (gap) => gaps.push(gap),
    onStatus: (status) => states.push(status),
    ...options,
  });
  return { ...fake, gaps, states, result: consume(stream) };
}

test("a lost stream is called again, and the gap told", async () => {
  const { socket, clock, gaps, states, result, sockets } = fakeReconnecting();
  await settle();
  await socket().accept();
  await socket().call().answer();
  await socket().call().element("int", 1);
  await socket().drop();
  assert.equal(gaps.length, 1);
  assert.ok(gaps[0]!.error instanceof ConnectionLostError);
  assert.deepEqual([gaps[0]!.attempt, gaps[0]!.delayMs], [1, 500]);
  await clock.advance(499);
  assert.equal(sockets.length, 1);
  await clock.advance(1);
  await socket().accept();
  await socket().call().answer();
  await socket().call().element("int", 2);
  await socket().call().close();
  assert.deepEqual(result, { values: [1, 2], ended: true, error: undefined });
  assert.deepEqual(states, ["connecting", "open", "connecting", "open"]);
});

test("delays double up to their limit, and begin anew after a success", async () => {
  const { socket, clock, gaps } = fakeReconnecting({ backoff: { minMs: 100, maxMs: 500 } });
  for (let attempt = 0; attempt < 5; attempt++) {
    await settle();
    await socket().drop();
    assert.ok(gaps.at(-1)!.error instanceof ConnectionFailedError);
    await clock.advance(gaps.at(-1)!.delayMs);
  }
  assert.deepEqual(gaps.map((gap) => gap.delayMs), [100, 200, 400, 500, 500]);
  await socket().accept();
  await socket().call().answer();
  await socket().drop();
  assert.deepEqual([gaps.at(-1)!.delayMs, gaps.at(-1)!.attempt], [100, 1]);
});

test("jitter takes a share off", async () => {
  const { socket, gaps } = fakeReconnecting({ random: () => 1 });
  await settle();
  await socket().drop();
  assert.equal(gaps[0]!.delayMs, 250);
});

test("retryNow does not wait", async () => {
  const { socket, sockets, gaps, clock } = fakeReconnecting();
  await settle();
  await socket().drop();
  gaps[0]!.retryNow();
  await settle();
  assert.equal(sockets.length, 2);
  assert.equal(clock.pending, 1, "only the new connection's timer is left");
});

test("other errors end the stream, unless it is told to go on", async () => {
  const plain = fakeReconnecting();
  await settle();
  await plain.socket().accept();
  await plain.socket().call().answer();
  await plain.socket().call().close("error");
  assert.ok(plain.result.error instanceof CallClosedWithErrorError);

  const stubborn = fakeReconnecting({ retry: () => true });
  await settle();
  await stubborn.socket().accept();
  await stubborn.socket().call().answer();
  await stubborn.socket().call().close("done");
  assert.ok(!stubborn.result.ended);
  assert.deepEqual(stubborn.gaps.map((gap) => gap.error), [undefined]);
});

test("the signal ends it, in a call and between two", async () => {
  for (const between of [true, false]) {
    const abort = new AbortController();
    const { socket, result, clock } = fakeReconnecting({ signal: abort.signal });
    await settle();
    if (between) await socket().drop();
    else await socket().accept();
    const reason = new Error("enough");
    abort.abort(reason);
    await settle();
    assert.equal(result.error, reason);
    assert.equal(clock.pending, 0);
  }
});

test("a consumer that stops ends it at once, in a call and between two", async () => {
  for (const between of [true, false]) {
    const { client, socket, sockets, clock } = fakeClient();
    const elements = reconnecting((call) => client.open(count, {}, {}, call), { clock });
    const next = elements.next();
    await settle();
    if (between) await socket().drop();
    else {
      await socket().accept();
      await socket().call().answer();
    }
    await elements.return();
    assert.deepEqual(await next, { done: true, value: undefined });
    assert.equal(clock.pending, 0);
    assert.equal(sockets.length, 1);
    assert.deepEqual(between ? [] : socket().call().sent, between ? [] : [{ type: "cmsc", cr: "done" }]);
  }
});

test("what onGap throws ends it, and leaves no timer", async () => {
  const failure = new Error("of the listener");
  const { socket, clock, result } = fakeReconnecting({
    onGap: () => {
      throw failure;
    },
  });
  await settle();
  await socket().drop();
  assert.equal(result.error, failure);
  assert.equal(clock.pending, 0);
});
