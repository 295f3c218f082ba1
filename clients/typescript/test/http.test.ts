import assert from "node:assert/strict";
import { test } from "node:test";
import {
  BadRequestError, CallTimeoutError, ConnectionFailedError, ForbiddenError, HttpError, InternalServerError, NotFoundError, StreampodClient,
  Protocol, UnauthorizedError, int64, list, nullable, string, voidType, type ClientOptions,
} from "../src/index.js";
import { ExceptionWithData, SimpleData, models } from "./models.js";
import { FakeClock, settle } from "./support.js";

const method = { endpoint: "test", method: "numbers", args: { value: int64, note: nullable(string) }, returns: list(int64) };

/** A client whose every request is answered by `answer`; what was asked for is kept. */
function httpClient(answer: (init: RequestInit) => Response | Promise<Response>, options: ClientOptions = {}) {
  const requests: { url: string; body: unknown; headers: unknown }[] = [];
  const fetch = async (url: string | URL | Request, init: RequestInit = {}) => {
    requests.push({ url: String(url), body: init.body, headers: init.headers });
    return answer(init);
  };
  const client = new StreampodClient("http://localhost:8080/", { fetch, ...options }, new Protocol(models));
  return { client, requests };
}

function json(text: string, status = 200): Response {
  return new Response(text, { status, headers: { "Content-Type": "application/json; charset=utf-8" } });
}

test("arguments and method in the body, the value as JSON", async () => {
  const { client, requests } = httpClient(() => json("[1,9223372036854775807]"), { authentication: { header: () => "Bearer abc" } });
  assert.deepEqual(await client.call(method, { value: 9223372036854775807n }), [1, 9223372036854775807n]);
  assert.deepEqual(requests, [
    {
      url: "http://localhost:8080/test",
      body: '{"value":9223372036854775807,"note":null,"method":"numbers"}',
      headers: { "Content-Type": "application/json; charset=utf-8", Authorization: "Bearer abc" },
    },
  ]);
});

test("nothing is returned as undefined", async () => {
  const { client } = httpClient(() => json("null"));
  assert.equal(await client.call({ ...method, returns: voidType }, { value: 1 }), undefined);
});

test("a typed exception", async () => {
  const data = '{"className":"ExceptionWithData","data":{"message":"m","creationDate":"2020-01-01T00:00:00.000Z","errorFields":[]}}';
  const { client } = httpClient(() => json(data, 400));
  await assert.rejects(client.call(method, { value: 1 }), (error) => error instanceof ExceptionWithData && error.message === "m");
});

test("statuses have their classes", async () => {
  const classes = { 400: BadRequestError, 401: UnauthorizedError, 403: ForbiddenError, 404: NotFoundError, 500: InternalServerError, 503: HttpError };
  for (const [status, Class] of Object.entries(classes)) {
    const { client } = httpClient(() => new Response("because\n", { status: Number(status) }));
    await assert.rejects(client.call(method, { value: 1 }), (error) => {
      assert.ok(error instanceof Class);
      assert.equal(error.statusCode, Number(status));
      assert.equal(error.message, "because");
      return true;
    });
  }
});

test("a server that cannot be reached", async () => {
  const { client } = httpClient(() => Promise.reject(new TypeError("fetch failed")));
  await assert.rejects(client.call(method, { value: 1 }), ConnectionFailedError);
});

/** Answers never, but fails when it is aborted, as fetch does. */
function never({ signal }: RequestInit): Promise<Response> {
  return new Promise((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason)));
}

test("the time for a call is limited", async () => {
  const clock = new FakeClock();
  const { client } = httpClient(never, { clock });
  const call = assert.rejects(client.call(method, { value: 1 }), CallTimeoutError);
  await settle();
  await clock.advance(20_000);
  await call;
});

test("an AbortSignal cancels a call", async () => {
  const { client } = httpClient(never);
  const abort = new AbortController();
  const reason = new Error("enough");
  const call = assert.rejects(client.call(method, { value: 1 }, { signal: abort.signal }), reason);
  await settle();
  abort.abort(reason);
  await call;
  await assert.rejects(client.call(method, { value: 1 }, { signal: abort.signal }), reason);
});

test("the limit and the signal hold while a header or a refresh is awaited", async () => {
  const hang = () => new Promise<never>(() => {});
  const refusing = () => new Response("", { status: 401 });
  for (const authentication of [{ header: hang }, { header: () => "Bearer old", refresh: hang }]) {
    const clock = new FakeClock();
    const { client, requests } = httpClient(refusing, { clock, authentication });
    const late = assert.rejects(client.call(method, { value: 1 }), CallTimeoutError);
    await settle();
    await clock.advance(20_000);
    await late;
    const abort = new AbortController();
    const reason = new Error("enough");
    const call = assert.rejects(client.call(method, { value: 1 }, { signal: abort.signal }), reason);
    await settle();
    abort.abort(reason);
    await call;
    assert.equal(clock.pending, 0);
    assert.equal(requests.length, "refresh" in authentication ? 2 : 0);
  }
});

test("a call that was given up during the refresh is not made once more", async () => {
  let refreshed = (_: boolean) => {};
  const refresh = () => new Promise<boolean>((resolve) => (refreshed = resolve));
  const { client, requests } = httpClient(() => new Response("", { status: 401 }), { authentication: { header: () => "Bearer old", refresh } });
  const abort = new AbortController();
  const call = assert.rejects(client.call(method, { value: 1 }, { signal: abort.signal }));
  await settle();
  abort.abort();
  await call;
  refreshed(true);
  await settle();
  assert.equal(requests.length, 1);
});

test("models are told apart from what only looks like them", async () => {
  const { client, requests } = httpClient(() => json("null"));
  const echo = { ...method, args: { data: SimpleData }, returns: nullable(SimpleData) };
  assert.equal(await client.call(echo, { data: new SimpleData({ num: 1 }) }), null);
  await assert.rejects(client.call(echo, { data: { id: null, num: 1 } as SimpleData }), /data: expected an instance of SimpleData/);
  assert.equal(requests.length, 1);
});
