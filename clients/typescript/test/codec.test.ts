import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type AnyType, CodecError, Protocol, bigInt, bool, bytes, dateTime, double, duration, dynamic, int, int64, lazy, list, map, model,
  nullable, record, set, string, typed, uri, uuid, type Type,
} from "../src/index.js";
import { parse, stringify } from "../src/json.js";
import { wrap } from "../src/dynamic.js";
import { SimpleData, TestEnum, TestEnumStringified, Types, exceptionWithData, models } from "./models.js";

const protocol = new Protocol(models);

/** The value is written as the text, and read back from it. */
function check<T>(type: Type<T>, value: T, text: string): void {
  assert.equal(stringify(type.encode(value)), text);
  assert.deepEqual(type.decode(parse(text), protocol), value);
}

function refuses(type: AnyType, value: unknown, json: unknown): void {
  assert.throws(() => type.encode(value), CodecError, `${type.typeName} encodes ${String(value)}`);
  assert.throws(() => type.decode(json, protocol), CodecError, `${type.typeName} decodes ${String(json)}`);
}

test("scalars", () => {
  check(bool, true, "true");
  check(string, 'a"ü\u0000', '"a\\"ü\\u0000"');
  check(int, -5, "-5");
  check(double, 1.5, "1.5");
  check(dateTime, new Date("2024-01-15T10:30:00.000Z"), '"2024-01-15T10:30:00.000Z"');
  check(duration, 1500, "1500");
  check(bytes, new Uint8Array([0, 255, 7]), `"decode('AP8H', 'base64')"`);
  check(bytes, new Uint8Array(), `"decode('', 'base64')"`);
  check(uuid, "5e368da0-a018-4d53-b357-ae9828a90ce3", '"5e368da0-a018-4d53-b357-ae9828a90ce3"');
  check(uri, "https://streampod.dev/", '"https://streampod.dev/"');
  check(bigInt, -(2n ** 80n), '"-1208925819614629174706176"');
  assert.equal(double.decode(2, protocol), 2);
  assert.equal(dateTime.decode("2026-11-20T23:53:01.289171Z", protocol).toISOString(), "2026-11-20T23:53:01.289Z");
});

test("bytes longer than an argument list may be", () => {
  const long = new Uint8Array(300_000).map((_, index) => index);
  assert.deepEqual(bytes.decode(bytes.encode(long), protocol), long);
});

test("integers beyond 2^53 are bigints, exactly", () => {
  check(int64, 9007199254740991, "9007199254740991");
  check(int64, 9007199254740992n, "9007199254740992");
  check(int64, 9223372036854775807n, "9223372036854775807");
  check(int64, -9223372036854775808n, "-9223372036854775808");
  check(list(int64), [1, 2n ** 60n], "[1,1152921504606846976]");
  assert.throws(() => int64.encode(2n ** 63n), CodecError);
});

test("big integers do not disturb what stands beside them", () => {
  const text = '{"a\\"1234567890123456789":[9223372036854775807,0.1234567890123456789,-1e3,"n12","s","\\\\",1234567890123456],"9223372036854775807":"9223372036854775807"}';
  assert.deepEqual(parse(text), {
    'a"1234567890123456789': [9223372036854775807n, 0.1234567890123456789, -1e3, "n12", "s", "\\", 1234567890123456],
    "9223372036854775807": "9223372036854775807",
  });
  assert.equal(stringify({ a: [1n, "x", null, undefined as never].slice(0, 3), b: undefined, c: { d: 2n ** 62n } }), '{"a":[1,"x",null],"c":{"d":4611686018427387904}}');
  assert.throws(() => parse("[9223372036854775807"), SyntaxError);
});

test("big integers beside a long text with many escapes", () => {
  const lines = "\\n".repeat(5_000_000);
  assert.deepEqual(parse(`{"log":"${lines}","id":9007199254740993}`), { log: "\n".repeat(5_000_000), id: 9007199254740993n });
});

test("collections", () => {
  check(list(nullable(int)), [1, null], "[1,null]");
  check(set(list(int)), new Set([[1], [2]]), "[[1],[2]]");
  check(map(string, nullable(int)), new Map([["a", 1], ["b", null]]), '{"a":1,"b":null}');
  check(map(int, string), new Map([[1, "x"]]), '[{"k":1,"v":"x"}]');
  check(map(TestEnum, int), new Map([["two" as const, 1]]), '[{"k":1,"v":1}]');
  check(nullable(list(SimpleData)), null, "null");
});

test("records", () => {
  check(record([int]), [1], '{"p":[1]}');
  check(record([nullable(int)]), [null], '{"p":[null]}');
  check(record([int, SimpleData]), [1, new SimpleData({ num: 2 })], '{"p":[1,{"num":2}]}');
  check(record([], { number: int, text: string }), [{ number: 1, text: "x" }], '{"n":{"number":1,"text":"x"}}');
  check(record([bool], { a: int }), [true, { a: 1 }], '{"p":[true],"n":{"a":1}}');
});

test("models, enums and exceptions", () => {
  check(SimpleData as AnyType, new SimpleData({ num: 3 }), '{"num":3}');
  check(TestEnum, "three", "2");
  check(TestEnumStringified, "three", '"three"');
  check(Types as AnyType, new Types({ anEnum: "one", aMap: new Map([[1, 2]]) }), '{"anEnum":0,"aMap":[{"k":1,"v":2}]}');
  const data = SimpleData.decode({ __className__: "SimpleData", num: 1, unknown: 2 }, protocol);
  assert.ok(data instanceof SimpleData);
  assert.equal(data.id, null);
  const exception = exceptionWithData("oh");
  assert.ok(exception instanceof Error);
  assert.deepEqual([exception.name, exception.message, exception.errorFields], ["ExceptionWithData", "oh", ["a", "b"]]);
});

class Tree extends model("Tree", { value: int, children: list(lazy((): Type<Tree> => Tree)) }) {}

test("a model may hold itself", () => {
  check(Tree as AnyType, new Tree({ value: 1, children: [new Tree({ value: 2, children: [] })] }), '{"value":1,"children":[{"value":2,"children":[]}]}');
});

test("what does not fit is refused, both ways", () => {
  refuses(bool, 1, 1);
  refuses(int, 1.5, 1.5);
  refuses(int, "1", "1");
  refuses(double, Number.NaN, "1");
  refuses(double, Number.POSITIVE_INFINITY, null);
  refuses(dateTime, new Date(Number.NaN), "yesterday");
  refuses(bytes, "x", "AP8H");
  refuses(bigInt, 1, "1.5");
  refuses(list(int), {}, {});
  refuses(set(int), [1], 1);
  refuses(map(int, int), {}, {});
  refuses(record([int]), 1, 1);
  refuses(TestEnum, "four", 3);
  refuses(TestEnumStringified, "four", "four");
  refuses(SimpleData, { num: 1 }, { num: "1" });
  assert.throws(() => list(SimpleData).decode([{ num: 1 }, { num: "x" }], protocol), { message: '[1]: num: expected int, got "x"' });
});

/** The value travels under the class name, and is the same when it comes back. */
function checkDynamic(value: unknown, className: string, back = value): void {
  const wrapped = dynamic.encode(value) as { className: string };
  assert.equal(wrapped.className, className);
  assert.deepEqual(dynamic.decode(parse(stringify(wrapped)), protocol), back);
}

test("dynamic values carry their class name", () => {
  checkDynamic("Hello", "String");
  checkDynamic(42, "int");
  checkDynamic(1.5, "double");
  checkDynamic(double(42), "double", 42);
  checkDynamic(true, "bool");
  checkDynamic(null, "null");
  checkDynamic(undefined, "null", null);
  checkDynamic(2n ** 62n, "int");
  checkDynamic(2n ** 64n, "BigInt");
  checkDynamic(new Date(0), "DateTime");
  checkDynamic(new Uint8Array([1]), "ByteData");
  checkDynamic(new SimpleData({ num: 1 }), "SimpleData");
  checkDynamic(typed(TestEnum, "two"), "TestEnum", "two");
  checkDynamic(typed(list(set(SimpleData)), [new Set([new SimpleData({ num: 1 })])]), "List<Set<SimpleData>>", [new Set([new SimpleData({ num: 1 })])]);
  checkDynamic(typed(map(string, list(nullable(int))), new Map([["a", [1, null]]])), "Map<String,List<int?>>", new Map([["a", [1, null]]]));
  checkDynamic(typed(nullable(record([nullable(int)])), [1]), "(int?,)?", [1]);
  checkDynamic(typed(record([int], { name: string }), [1, { name: "x" }]), "(int,{String name})", [1, { name: "x" }]);
  assert.throws(() => dynamic.encode({ a: 1 }), CodecError);
  assert.throws(() => dynamic.encode(Object.create(null)), CodecError);
});

test("a nullable scalar travels under its plain name", () => {
  assert.deepEqual(wrap(nullable(int), 1), { className: "int", data: 1 });
  assert.deepEqual(wrap(nullable(int), null), { className: "null", data: null });
  assert.deepEqual(wrap(nullable(list(SimpleData)), []), { className: "List<SimpleData>?", data: [] });
});

test("unknown and malformed class names are refused", () => {
  for (const name of ["Nope", "List<", "List<int", "List<int>>", "Map<int>", "(int", "(,)", "", "List<Nope>", "{int a}"]) {
    assert.throws(() => dynamic.decode({ className: name, data: [] }, protocol), CodecError, name);
  }
});
