// Against a real conformance server: STREAMPOD_CONFORMANCE_URL=http://localhost:8080/ npm test
import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { WebSocket } from "ws";
import {
  type AnyType, BadRequestError, CallClosedWithErrorError, CallRefusedError, type Fields, type Infer, type Input, InternalServerError,
  NotFoundError, Protocol, StreampodClient, type Type, type WebSocketConstructor, bigInt, bool, bytes, dateTime, double, duration,
  dynamic, int, int64, list, map, nullable, record, set, string, uri, uuid, voidType,
} from "../src/index.js";
import { ExceptionWithData, SimpleData, TestEnum, Types, exceptionWithData, models } from "./models.js";

const url = process.env.STREAMPOD_CONFORMANCE_URL ?? "";
const sockets: WebSocket[] = [];

class CountedWebSocket extends WebSocket {
  constructor(url: string) {
    super(url);
    sockets.push(this);
  }
}

const client = new StreampodClient(url, { WebSocket: CountedWebSocket as unknown as WebSocketConstructor }, new Protocol(models));

/** Calls `endpoint.method` with one argument of the type, and returns what comes back as the same type. */
function callEcho<T>(name: string, argument: string, type: Type<T>, value: T): Promise<T> {
  const [endpoint = "", method = ""] = name.split(".");
  return client.call({ endpoint, method, args: { [argument]: type as AnyType }, returns: type }, { [argument]: value }) as Promise<T>;
}

const none = {};

function streaming<I extends Fields, R extends AnyType>(method: string, inputs: I, returns: R) {
  return { endpoint: "methodStreaming", method, args: none, inputs, returns };
}

/** Feeds the values into the stream parameter of an echo method, and collects what comes back. */
function streamEcho<D extends AnyType>(method: string, parameter: string, type: D, values: Input<Infer<D>>): Promise<Infer<D>[]> {
  return collect(client.open(streaming(method, { [parameter]: type as AnyType }, type), {}, { [parameter]: values }));
}

async function collect<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const values: T[] = [];
  for await (const value of stream) values.push(value);
  return values;
}

function isExceptionWithData(error: unknown): true {
  assert.ok(error instanceof ExceptionWithData);
  assert.equal(error.message, "Throwing an exception");
  assert.deepEqual(error.errorFields, ["first line error", "second line error"]);
  assert.equal(error.someNullableField, 1);
  assert.ok(error.creationDate instanceof Date);
  return true;
}

/** Goes on until it is stopped. */
async function* endless(): AsyncGenerator<number> {
  for (let n = 0; ; n++) {
    yield n;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

describe("conformance", { skip: url === "" && "STREAMPOD_CONFORMANCE_URL is not set", timeout: 60_000 }, () => {
  after(() => client.close());

  test("hello", async () => {
    assert.equal(await callEcho("simple.hello", "name", string, "World"), "Hello World");
  });

  test("basic types, with their edges", async () => {
    const cases: [method: string, argument: string, type: AnyType, values: unknown[]][] = [
      ["testInt", "value", int64, [0, -1, 2 ** 53 - 1, 2n ** 53n, 2n ** 63n - 1n, -(2n ** 63n), null]],
      ["testDouble", "value", double, [0, 1, -1.5, 5e-324, 1.7976931348623157e308, 0.1 + 0.2, null]],
      ["testBool", "value", bool, [true, false, null]],
      ["testDateTime", "dateTime", dateTime, [new Date(0), new Date("2024-02-29T23:59:59.999Z"), new Date("1899-12-31T00:00:00.001Z"), null]],
      ["testString", "value", string, ["", "ü 🎨 \"\\\n\u0000\u2028", "1234567890123456789", "x".repeat(10_000), null]],
      ["testByteData", "value", bytes, [new Uint8Array(), new Uint8Array(1000).map((_, i) => i), null]],
      ["testDuration", "value", duration, [0, -1, 86_400_000, null]],
      ["testUuid", "value", uuid, ["5e368da0-a018-4d53-b357-ae9828a90ce3", null]],
      ["testUri", "value", uri, ["https://example.com/a?b=c#d", null]],
      ["testBigInt", "value", bigInt, [0n, -1n, 2n ** 200n, null]],
    ];
    for (const [method, argument, type, values] of cases) {
      for (const value of values) {
        assert.deepEqual(await callEcho(`basicTypes.${method}`, argument, nullable(type), value), value, `${method}(${String(value).slice(0, 60)})`);
      }
    }
  });

  test("collections, models and records", async () => {
    const data = (num: number) => new SimpleData({ num });
    const day = new Date("2024-01-15T10:30:00.000Z");
    assert.deepEqual(await callEcho("listParameters.returnIntListListNullable", "list", nullable(list(list(int))), [[1], []]), [[1], []]);
    assert.deepEqual(await callEcho("listParameters.returnDateTimeList", "list", list(dateTime), [day]), [day]);
    assert.deepEqual(await callEcho("listParameters.returnSimpleDataListNullableSimpleData", "list", list(nullable(SimpleData)), [data(1), null]), [data(1), null]);
    assert.deepEqual(await callEcho("mapParameters.returnIntIntMap", "map", map(int, int), new Map([[1, 2]])), new Map([[1, 2]]));
    assert.deepEqual(await callEcho("mapParameters.returnEnumIntMap", "map", map(TestEnum, int), new Map([["two" as const, 2]])), new Map([["two", 2]]));
    assert.deepEqual(await callEcho("mapParameters.returnSimpleDataMap", "map", map(string, SimpleData), new Map([["a", data(1)]])), new Map([["a", data(1)]]));
    assert.deepEqual(await callEcho("setParameters.returnIntListSet", "set", set(list(int)), new Set([[1, 2], [3]])), new Set([[1, 2], [3]]));
    assert.deepEqual(await callEcho("recordParameters.returnIntSimpleDataRecord", "record", record([int, SimpleData]), [1, data(2)]), [1, data(2)]);
    const types = new Types({
      anInt: 2n ** 62n, aBool: true, aDouble: 1.5, aDateTime: day, aString: "x", aByteData: new Uint8Array([1, 2]), aDuration: 5,
      aUuid: "5e368da0-a018-4d53-b357-ae9828a90ce3", aUri: "https://example.com/", aBigInt: 2n ** 99n, anEnum: "three",
      aStringifiedEnum: "two", aList: [1], aMap: new Map([[1, 2]]), aSet: new Set([1, 2]),
    });
    assert.deepEqual(await callEcho<Types>("testTools.echoTypes", "typesModel", Types as unknown as Type<Types>, types), types);
  });

  test("errors over HTTP", async () => {
    const call = (endpoint: string, method: string) => client.call({ endpoint, method, args: none, returns: string }, {});
    await assert.rejects(call("exceptionTest", "throwExceptionWithData"), isExceptionWithData);
    await assert.rejects(call("exceptionTest", "throwNormalException"), InternalServerError);
    await assert.rejects(call("nowhere", "nothing"), NotFoundError);
    await assert.rejects(call("simple", "nothing"), BadRequestError);
  });

  test("a returned stream", async () => {
    assert.deepEqual(await collect(client.open(streaming("simpleStream", {}, int), {}, {})), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  test("cancelling a stream that never ends, with another call open on the socket", async () => {
    const method = { ...streaming("neverEndingStreamWithDelay", {}, int), args: { millisecondsDelay: int } };
    const abort = new AbortController();
    const aborted = assert.rejects(collect(client.open(method, { millisecondsDelay: 5 }, {}, { signal: abort.signal })), { name: "AbortError" });
    const seen: number[] = [];
    for await (const value of client.open(method, { millisecondsDelay: 5 }, {})) {
      seen.push(value);
      if (value === 3) break;
    }
    assert.deepEqual(seen, [0, 1, 2, 3]);
    abort.abort();
    await aborted;
    assert.equal(client.status, "idle");
  });

  test("streams both ways", async () => {
    const data = (num: number) => new SimpleData({ num });
    assert.deepEqual(await streamEcho("intEchoStream", "stream", int64, [1, 2, 2n ** 60n]), [1, 2, 2n ** 60n]);
    assert.deepEqual(await streamEcho("nullableIntEchoStream", "stream", nullable(int), [1, null, 3]), [1, null, 3]);
    assert.deepEqual(await streamEcho("dynamicEchoStream", "stream", dynamic, ["Hello", 42]), ["Hello", 42]);
    const mixed = [1.5, true, null, 2n ** 70n, new Date(0), new Uint8Array([1]), data(7)];
    assert.deepEqual(await streamEcho("dynamicEchoStream", "stream", dynamic, mixed), mixed);
    assert.deepEqual(await streamEcho("simpleInOutDataStream", "simpleDataStream", SimpleData, [data(1), data(2)]), [data(1), data(2)]);
    const lists = [[data(1), data(2)], []];
    assert.deepEqual(await streamEcho("simpleListInOutDataStream", "simpleDataListStream", list(SimpleData), lists), lists);
    const nullables = [[data(1)], null];
    assert.deepEqual(await streamEcho("simpleNullableListInOutNullableDataStream", "simpleDataListStream", nullable(list(SimpleData)), nullables), nullables);
    const sets = [new Set([data(1)]), new Set<SimpleData>()];
    assert.deepEqual(await streamEcho("simpleSetInOutDataStream", "simpleDataSetStream", set(SimpleData), sets), sets);
    const nested = streaming("nestedSetInListInOutDataStream", { simpleDataSetStream: list(set(SimpleData)) }, set(SimpleData));
    assert.deepEqual(await collect(client.open(nested, {}, { simpleDataSetStream: [sets] })), sets);
  });

  test("two streams in, one out", async () => {
    const method = streaming("multipleIntEchoStreams", { stream1: int, stream2: int }, int);
    const values = await collect(client.open(method, {}, { stream1: [1, 2], stream2: [10, 20] }));
    assert.deepEqual(values.sort((a, b) => a - b), [1, 2, 10, 20]);
  });

  test("single values from streams; their inputs are let go", async () => {
    let stopped = false;
    async function* input() {
      try {
        yield* endless();
      } finally {
        stopped = true;
      }
    }
    assert.equal(await client.openValue(streaming("intReturnFromStream", { stream: int }, int), {}, { stream: input() }), 0);
    for (let turns = 0; !stopped && turns < 100; turns++) await new Promise((resolve) => setTimeout(resolve, 5));
    assert.ok(stopped);
    assert.equal(await client.openValue(streaming("nullableIntReturnFromStream", { stream: nullable(int) }, nullable(int)), {}, { stream: [null] }), null);
    assert.equal(await client.openValue(streaming("voidReturnAfterStream", { stream: int }, voidType), {}, { stream: [1, 2, 3] }), undefined);
    assert.equal(await client.openValue(streaming("directOneIntReturnWithStreamInput", { stream: int }, int), {}, { stream: endless() }), 1);
    await assert.rejects(client.openValue(streaming("intReturnFromStream", { stream: int }, int), {}, { stream: [] }), CallClosedWithErrorError);
  });

  test("exceptions out of methods and streams", async () => {
    const out = (method: string) => collect(client.open(streaming(method, {}, int), {}, {}));
    for (const method of ["outStreamThrowsSerializableException", "throwsSerializableExceptionStream"]) await assert.rejects(out(method), isExceptionWithData);
    for (const method of ["outStreamThrowsException", "throwsExceptionStream", "exceptionThrownBeforeStreamReturn", "exceptionThrownInStreamReturn"]) {
      await assert.rejects(out(method), CallClosedWithErrorError, method);
    }
    const taking = (method: string) => client.openValue(streaming(method, { stream: int }, int), {}, { stream: endless() });
    await assert.rejects(taking("throwsSerializableException"), isExceptionWithData);
    await assert.rejects(taking("inStreamThrowsSerializableException"), isExceptionWithData);
    await assert.rejects(taking("throwsException"), CallClosedWithErrorError);
  });

  test("exceptions into streams", async () => {
    async function* typed(): AsyncGenerator<number> {
      throw exceptionWithData("client");
    }
    async function* plain(): AsyncGenerator<number> {
      throw new Error("client");
    }
    const did = (method: string, stream: AsyncIterable<number>) => client.openValue(streaming(method, { stream: int }, bool), {}, { stream });
    assert.equal(await did("didInputStreamHaveError", plain()), true);
    assert.equal(await did("didInputStreamHaveSerializableExceptionError", typed()), true);
    assert.equal(await did("didInputStreamHaveSerializableExceptionError", plain()), false);
    await assert.rejects(streamEcho("intEchoStream", "stream", int, typed()), (error) => error instanceof ExceptionWithData && error.message === "client");
  });

  test("refused calls", async () => {
    const open = (endpoint: string, method: string) => collect(client.open({ ...streaming(method, {}, int), endpoint }, {}, {}));
    await assert.rejects(open("methodStreaming", "nothing"), (error) => error instanceof CallRefusedError && error.reason === "notFound");
    await assert.rejects(open("methodStreaming", "intStreamFromValue"), (error) => error instanceof CallRefusedError && error.reason === "badRequest");
    await assert.rejects(open("authenticatedMethodStreaming", "simpleStream"), (error) => error instanceof CallRefusedError && error.reason === "unauthorized");
  });

  test("a hundred calls over one socket", async () => {
    const before = sockets.length;
    const calls = Array.from({ length: 100 }, (_, n) => streamEcho("intEchoStream", "stream", int, [n, n + 1, n + 2]));
    assert.deepEqual(await Promise.all(calls), Array.from({ length: 100 }, (_, n) => [n, n + 1, n + 2]));
    assert.equal(sockets.length, before + 1);
  });
});
