import assert from "node:assert/strict";
import { test } from "node:test";
import { type Authentication, CallRefusedError, UnauthorizedError, string } from "../src/index.js";
import { consume, count, echo, fakeClient, settle } from "./support.js";

/** An authentication whose keys are numbered, and a count of how often it was refreshed. */
function numberedKeys(refresh: () => boolean | Promise<boolean> = () => true) {
  const keys = { current: 1, refreshes: 0 };
  const authentication: Authentication = {
    header: async () => `Bearer ${keys.current}`,
    refresh: async () => {
      keys.refreshes++;
      const succeeded = await refresh();
      if (succeeded) keys.current++;
      return succeeded;
    },
  };
  return { keys, authentication };
}

const hello = { endpoint: "test", method: "hello", args: {}, returns: string };

/** A server that accepts one header alone; what it was sent is kept. */
function serverFor(accepted: string) {
  const seen: unknown[] = [];
  const fetch = async (_url: unknown, { headers }: RequestInit = {}) => {
    const { Authorization } = headers as Record<string, string>;
    seen.push(Authorization);
    const json = { headers: { "Content-Type": "application/json" } };
    return Authorization === accepted ? new Response('"hi"', json) : new Response("", { status: 401 });
  };
  return { seen, fetch: fetch as typeof globalThis.fetch };
}

test("a call that was refused is made once more with a new header", async () => {
  const { seen, fetch } = serverFor("Bearer 2");
  const { keys, authentication } = numberedKeys();
  const { client } = fakeClient({ fetch, authentication });
  assert.equal(await client.call(hello, {}), "hi");
  assert.equal(await client.call(hello, {}), "hi");
  assert.deepEqual([seen, keys.refreshes], [["Bearer 1", "Bearer 2", "Bearer 2"], 1]);
});

test("once, not again and again", async () => {
  const { seen, fetch } = serverFor("Bearer 9");
  const { keys, authentication } = numberedKeys();
  const { client } = fakeClient({ fetch, authentication });
  await assert.rejects(client.call(hello, {}), UnauthorizedError);
  assert.deepEqual([seen, keys.refreshes], [["Bearer 1", "Bearer 2"], 1]);
});

test("without a new header the refusal stands, and an error of the refresh is told", async () => {
  const failure = new Error("no network");
  const reject = () => Promise.reject(failure);
  for (const [refresh, expected] of [[() => false, UnauthorizedError], [reject, failure]] as const) {
    const { seen, fetch } = serverFor("Bearer 2");
    const { client } = fakeClient({ fetch, authentication: numberedKeys(refresh).authentication });
    await assert.rejects(client.call(hello, {}), expected);
    assert.deepEqual(seen, ["Bearer 1"]);
  }
  const { fetch } = serverFor("Bearer 2");
  const { client } = fakeClient({ fetch, authentication: { header: () => "Bearer 1" } });
  await assert.rejects(client.call(hello, {}), UnauthorizedError);
});

test("calls that are refused together share one refresh", async () => {
  const { seen, fetch } = serverFor("Bearer 2");
  const { keys, authentication } = numberedKeys();
  const { client } = fakeClient({ fetch, authentication });
  const answers = await Promise.all(Array.from({ length: 5 }, () => client.call(hello, {})));
  assert.deepEqual(answers, Array(5).fill("hi"));
  assert.equal(keys.refreshes, 1);
  assert.equal(seen.length, 10);
});

test("a call refused for an old header takes the new one, without another refresh", async () => {
  const { keys, authentication } = numberedKeys();
  let answerFirst = (_response: Response) => {};
  const seen: string[] = [];
  const fetch = async (_url: unknown, { headers }: RequestInit = {}) => {
    const { Authorization } = headers as Record<string, string>;
    seen.push(Authorization!);
    if (seen.length === 1) return new Promise<Response>((resolve) => (answerFirst = resolve));
    return Authorization === "Bearer 2" ? Response.json("hi") : new Response("", { status: 401 });
  };
  const { client } = fakeClient({ fetch: fetch as typeof globalThis.fetch, authentication });
  const slow = client.call(hello, {});
  await settle();
  assert.equal(await client.call(hello, {}), "hi");
  answerFirst(new Response("", { status: 401 }));
  assert.equal(await slow, "hi");
  assert.deepEqual([seen, keys.refreshes], [["Bearer 1", "Bearer 1", "Bearer 2", "Bearer 2"], 1]);
});

test("a stream that was refused is opened once more, before its inputs are read", async () => {
  const { keys, authentication } = numberedKeys();
  const { client, socket, sockets } = fakeClient({ authentication });
  let isRead = false;
  async function* input() {
    isRead = true;
    yield 1;
  }
  const result = consume(client.open(echo, {}, { stream: input() }));
  await settle();
  await socket().accept();
  await socket().call(0).answer("authenticationFailed");
  assert.ok(!isRead && !socket().closed);
  const again = socket().call(1);
  assert.equal(again.opened.auth, "Bearer 2");
  await again.answer();
  await again.element("int", 1);
  await again.close();
  assert.deepEqual(result, { values: [1], ended: true, error: undefined });
  assert.deepEqual([keys.refreshes, sockets.length, isRead], [1, 1, true]);
});

test("a stream that is refused again, or for another reason, is not opened once more", async () => {
  for (const answers of [["authenticationFailed", "authenticationFailed"], ["authorizationDeclined"]]) {
    const { client, socket } = fakeClient({ authentication: numberedKeys().authentication });
    const result = consume(client.open(count, {}, {}));
    await settle();
    await socket().accept();
    for (const answer of answers) await socket().call().answer(answer);
    assert.ok(result.error instanceof CallRefusedError && socket().closed);
    assert.equal(socket().ofType("omsc").length, answers.length);
  }
});

test("a stream given up during the refresh is not opened once more", async () => {
  let refreshed = (_succeeded: boolean) => {};
  const { authentication } = numberedKeys(() => new Promise<boolean>((resolve) => (refreshed = resolve)));
  const { client, socket } = fakeClient({ authentication });
  const abort = new AbortController();
  const result = consume(client.open(count, {}, {}, { signal: abort.signal }));
  await settle();
  await socket().accept();
  await socket().call().answer("authenticationFailed");
  abort.abort();
  refreshed(true);
  await settle();
  assert.ok(result.ended && socket().closed);
  assert.equal(socket().ofType("omsc").length, 1);
});
