// The generators' golden output, in TypeScript and in JavaScript; `tsc` checks it together with this file.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type AnyType, CodecError, type Infer, type Input, SerializableException, type StreamingMethod, type Method } from "../src/index.js";
import { parse, stringify } from "../src/json.js";
import { encodeFields } from "../src/type.js";
import * as jsNames from "../../../crates/codegen/tests/golden/typescript/js/names/index.js";
import * as jsShop from "../../../crates/codegen/tests/golden/typescript/js/shop/index.js";
import * as jsTrees from "../../../crates/codegen/tests/golden/typescript/js/hierarchies/index.js";
import * as names from "../../../crates/codegen/tests/golden/typescript/ts/names/index.js";
import * as ts from "../../../crates/codegen/tests/golden/typescript/ts/shop/index.js";
import * as trees from "../../../crates/codegen/tests/golden/typescript/ts/hierarchies/index.js";
import { consume, fakeClient, settle } from "./support.js";

// The same types, as far as this file is concerned: `tsc` has checked the JavaScript by itself.
const flavours = {
  ts: { generated: ts, names, trees },
  js: { generated: jsShop as unknown as typeof ts, names: jsNames as unknown as typeof names, trees: jsTrees as unknown as typeof trees },
};

for (const [flavour, { generated, names, trees }] of Object.entries(flavours)) {
  const { protocol } = new generated.Client("http://localhost/");

  /** The text is what the value travels as, and what it is read from. */
  function check<D extends AnyType>(type: D, value: Infer<D>, text: string): void {
    assert.equal(stringify(type.encode(value)), text);
    assert.deepEqual(type.decode(parse(text), protocol), value);
  }

  test(`${flavour}: every model survives its JSON`, () => {
    const { Animal, Collections, Coordinate, Dog, Empty, Gadget, Money, OutOfStock, Size, State, serverpodAuth } = generated;
    check(Animal, new Animal({ name: "Rex" }), '{"name":"Rex"}');
    check(Dog, new Dog({ name: "Rex", tricks: ["sit"] }), '{"name":"Rex","tricks":["sit"]}');
    check(Coordinate, new Coordinate({ x: 1.5, y: -2 }), '{"x":1.5,"y":-2}');
    check(Coordinate, new Coordinate({ x: 0, y: 0, tags: ["a"] }), '{"x":0,"y":0,"tags":["a"]}');
    check(Empty, new Empty({}), "{}");
    check(Money, new Money("12.50 EUR"), '"12.50 EUR"');
    check(Size, "large", '"large"');
    check(State, "sold", "1");
    check(serverpodAuth.UserInfo, new serverpodAuth.UserInfo({ userName: "Ada" }), '{"userName":"Ada"}');
    check(
      OutOfStock,
      new OutOfStock({ gadget: "clock", expected: new Date("2024-01-15T10:30:00.000Z") }),
      '{"gadget":"clock","expected":"2024-01-15T10:30:00.000Z","retryAfter":30000}',
    );
    const gadget = new Gadget({
      id: 7,
      name: "Clock",
      made: new Date("2020-02-29T00:00:00.001Z"),
      token: "5e368da0-a018-4d53-b357-ae9828a90ce3",
      state: "ordered",
      picture: new Uint8Array([0, 255]),
      note: "ticks",
      oldName: "Watch",
    });
    const gadgetJson =
      '{"id":7,"name":"Clock","price":9.5,"count":1,"available":true,"made":"2020-02-29T00:00:00.001Z","checked":"2024-01-15T10:30:00.000Z",' +
      '"token":"5e368da0-a018-4d53-b357-ae9828a90ce3","kind":"550e8400-e29b-41d4-a716-446655440000","label":"It\'s \\"new\\"","warranty":94230100,' +
      '"home":"https://example.com/gadgets","serial":"12345678901234567890","size":"medium","state":0,' +
      `"picture":"decode('AP8=', 'base64')","note":"ticks","old_name":"Watch"}`;
    check(Gadget, gadget, gadgetJson);
    const { Circle } = generated;
    const least = { ints: [], words: new Set<string>(), byName: new Map(), byNumber: new Map(), pairs: [], everything: [], shapes: [] };
    const records = { pair: [1, "a"], point: [{ x: 1, y: null }], mixed: [2, { name: "b" }] } satisfies Partial<ts.Collections>;
    check(
      Collections,
      new Collections({ ...least, ...records }),
      '{"ints":[],"words":[],"byName":{},"byNumber":[],"pair":{"p":[1,"a"]},"point":{"n":{"x":1,"y":null}},"mixed":{"p":[2],"n":{"name":"b"}},' +
        '"pairs":[],"everything":[],"shapes":[]}',
    );
    const all = new Collections({
      ...records,
      ints: [1, -2],
      nested: [[gadget, null], []],
      words: new Set(["x"]),
      byName: new Map([["clock", gadget]]),
      byNumber: new Map([[1, ["one"]]]),
      bySize: new Map<ts.Size, number>([["small", 3]]),
      single: [true],
      pairs: [[1, "a"]],
      anything: 42,
      everything: ["Hello", null, gadget],
      shape: new Circle({ name: "c", radius: 0.5 }),
      shapes: [new Circle({ name: "d", radius: 1 })],
      children: [new Collections({ ...least, ...records })],
    });
    check(
      Collections,
      all,
      `{"ints":[1,-2],"nested":[[${gadgetJson},null],[]],"words":["x"],"byName":{"clock":${gadgetJson}},"byNumber":[{"k":1,"v":["one"]}],` +
        '"bySize":[{"k":"small","v":3}],"pair":{"p":[1,"a"]},"single":{"p":[true]},"point":{"n":{"x":1,"y":null}},"mixed":{"p":[2],"n":{"name":"b"}},' +
        '"pairs":[{"p":[1,"a"]}],"anything":{"className":"int","data":42},"everything":[{"className":"String","data":"Hello"},' +
        `{"className":"null","data":null},{"className":"Gadget","data":${gadgetJson}}],"shape":{"__className__":"Circle","name":"c","radius":0.5},` +
        '"shapes":[{"__className__":"Circle","name":"d","radius":1}],"children":[{"ints":[],"words":[],"byName":{},"byNumber":[],"pair":{"p":[1,"a"]},' +
        '"point":{"n":{"x":1,"y":null}},"mixed":{"p":[2],"n":{"name":"b"}},"pairs":[],"everything":[],"shapes":[]}]}',
    );
  });

  test(`${flavour}: what is left out has its default, each value its own`, () => {
    const before = Date.now();
    const [a, b] = [new generated.Gadget({ name: "a", note: null }), new generated.Gadget({ name: "b", note: null })];
    assert.ok(a.made.getTime() >= before && a.made.getTime() <= Date.now());
    assert.match(a.token, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    assert.notEqual(a.token, b.token);
    assert.deepEqual(a.checked, b.checked);
    assert.notEqual(a.checked, b.checked);
    assert.equal(a.serial, 12345678901234567890n);
    assert.equal(new generated.Gadget({ name: "c", note: null, kind: null }).kind, null, "null is a value too");
    assert.deepEqual({ ...new generated.Gadget({ ...a, count: 5 }) }, { ...a, count: 5 });
    // A server that does not know the field yet; a nullable one is null, as null fields do not travel.
    const old = generated.Gadget.decode({ name: "old" }, protocol);
    assert.deepEqual([old.price, old.kind, old.size], [9.5, null, "medium"]);
    assert.throws(() => generated.Gadget.decode({}, protocol), CodecError);
  });

  test(`${flavour}: a sealed class is one of its members`, () => {
    const { Circle, LabelledPolygon, Polygon, Shape } = generated;
    const shapes: ts.Shape[] = [
      new Circle({ name: "c", radius: 1 }),
      new Polygon({ name: "p", corners: [] }),
      new LabelledPolygon({ name: "l", corners: [new generated.Coordinate({ x: 0, y: 1 })], filled: true, label: "x" }),
    ];
    const texts = [
      '{"__className__":"Circle","name":"c","radius":1}',
      '{"__className__":"Polygon","name":"p","corners":[],"filled":false}',
      '{"__className__":"LabelledPolygon","name":"l","corners":[{"x":0,"y":1}],"filled":true,"label":"x"}',
    ];
    for (const [index, shape] of shapes.entries()) {
      check(Shape, shape, texts[index]!);
      assert.ok(shape instanceof Shape);
    }
    assert.deepEqual(shapes.map(describe), ["round", "0 corners", "x"]);
    assert.ok(shapes[2] instanceof Polygon, "who extends it");
    assert.ok(!(shapes[0] instanceof Polygon));
    for (const json of [{ name: "c", radius: 1 }, { __className__: "Animal", name: "x" }, "Circle"]) {
      assert.throws(() => Shape.decode(json, protocol), CodecError);
    }
    assert.throws(() => Shape.encode({ name: "c", radius: 1, $type: "Square" } as never), CodecError);
  });

  test(`${flavour}: enums`, () => {
    const { Size, State } = generated;
    assert.equal(Size.decode("gigantic", protocol), "medium");
    assert.throws(() => Size.decode(null, protocol), CodecError);
    assert.throws(() => State.decode(2, protocol), CodecError);
    const remark: string | null = State.properties.sold.remark;
    assert.deepEqual([State.values, State.properties.ordered.weight, remark], [["ordered", "sold"], 10, null]);
  });

  test(`${flavour}: exceptions are told apart by instanceof`, () => {
    const error = protocol.unwrap({ className: "OutOfStock", data: { gadget: "clock" } });
    assert.ok(error instanceof generated.OutOfStock && error instanceof SerializableException && error instanceof Error);
    assert.deepEqual([error.name, error.gadget, error.retryAfter, error.expected], ["OutOfStock", "clock", 30_000, null]);
  });

  test(`${flavour}: methods say what the server expects`, async () => {
    const { client, calls } = recordingClient(generated);
    const gadget = new generated.Gadget({ name: "a", note: null });
    await client.shop.search("x");
    await client.shop.search("x", { limit: 3, sizes: new Set<ts.Size>(["large"]), before: new Date(0) });
    await client.shop.remove(1);
    await client.shop.pair([1, "a"]);
    await client.shop.worth(new generated.Money("1"));
    await client.modules.serverpodAuth.status.getUserInfo();
    for await (const _ of client.liveShop.countdown(3));
    await client.liveShop.collect([gadget, null]);
    await client.liveShop.collect([], [[gadget]], { note: "n" });
    assert.deepEqual(calls, [
      'shop.search {"text":"x","before":null}',
      'shop.search {"text":"x","sizes":["large"],"limit":3,"before":"1970-01-01T00:00:00.000Z"}',
      'shop.remove {"id":1,"reason":null}',
      'shop.pair {"pair":{"p":[1,"a"]}}',
      'shop.worth {"money":"1"}',
      "serverpod_auth.status.getUserInfo {}",
      'liveShop.countdown {"from":3} ()',
      "liveShop.collect {} (gadgets)",
      'liveShop.collect {"note":"n"} (gadgets,more)',
    ]);
  });

  test(`${flavour}: sealed below sealed, sealed exceptions, and a sealed class that holds itself`, () => {
    const { Constant, Failure, Operation, Overflow, Praise, Remark, Note, Sum, Term } = trees;
    const { protocol } = new trees.Client("http://localhost/");
    const term: trees.Term = new Sum({ left: new Constant({ value: 1 }), right: new Sum({ left: new Constant({ value: 2 }) }) });
    const text =
      '{"__className__":"Sum","left":{"__className__":"Constant","value":1},"right":{"__className__":"Sum","left":{"__className__":"Constant","value":2}}}';
    for (const type of [Term, Operation]) {
      assert.equal(stringify(type.encode(term)), text);
      assert.deepEqual(type.decode(parse(text), protocol), term);
      assert.ok(term instanceof type);
    }
    assert.throws(() => Operation.decode({ __className__: "Constant", value: 1 }, protocol), CodecError);
    assert.equal(evaluate(term), 3);
    const error: unknown = protocol.unwrap({ className: "Overflow", data: { term: { __className__: "Constant", value: 1 }, message: "too much" } });
    assert.ok(error instanceof Failure && error instanceof Overflow && error instanceof SerializableException);
    assert.deepEqual([error.name, error.message, error.term], ["Overflow", "too much", new Constant({ value: 1 })]);
    const praise: trees.Note = new Praise({ text: "good", value: 1 });
    assert.ok(praise instanceof Note && praise instanceof Remark);
    assert.equal(stringify(Note.encode(praise)), '{"text":"good"}', "as a note it is nothing more");
  });

  test(`${flavour}: names that JavaScript or the client needs`, async () => {
    const { socket, options } = fakeClient();
    const requests: string[] = [];
    const fetch = async (_url: unknown, { body }: RequestInit = {}) => {
      requests.push(String(body));
      return new Response("null", { headers: { "Content-Type": "application/json" } });
    };
    const client = new names.Client("http://localhost/", { ...options, fetch: fetch as typeof globalThis.fetch });
    const map = new names.Map({ constructor_: 1, __proto___: "p", class: null, toString_: "s", size: new Map([["a", 1]]) });
    const text = '{"constructor":1,"__proto__":"p","toString":"s","size":{"a":1}}';
    assert.equal(stringify(names.Map.encode(map)), text);
    assert.deepEqual(names.Map.decode(parse(text), client.protocol), map);
    assert.deepEqual(names.Map.decode({ constructor: 1, size: {} }, client.protocol).__proto___, null, "not what every object has");
    await client.call_.delete("c", 1, 2, { constructor_: 3, named: 4 });
    await client.call_.constructor_();
    await client.call_.then_();
    assert.equal(await client.call_, client.call_, "an endpoint is not a promise");
    assert.deepEqual(requests, [
      '{"class":"c","options":1,"named2":2,"constructor":3,"named":4,"method":"delete"}',
      '{"method":"constructor"}',
      '{"note":null,"method":"then"}',
    ]);
    assert.ok(new names.Error({ message_: 1 }) instanceof globalThis.Error);
    assert.equal(names.Client_.typeName, "Client");
    assert.deepEqual(names.Enum.properties["__proto__"], { title: "x" });
    assert.equal(new names.Node({ type: new names.Type({}) }) instanceof names.Node, true);
    const stream = consume(client.call_.default(new Map()));
    await settle();
    await socket().accept();
    assert.equal(socket().call().opened.args, '{"in":[]}');
    await socket().call().close();
    assert.ok(stream.ended);
  });

  test(`${flavour}: a sealed class in a stream travels under the name of its member`, async () => {
    const { socket, options } = fakeClient();
    const client = new generated.Client("http://localhost/", options);
    const shape = new generated.Circle({ name: "c", radius: 1 });
    const result = consume(client.liveShop.shapes([shape]));
    await settle();
    await socket().accept();
    const call = socket().call();
    await call.answer();
    const data = { __className__: "Circle", name: "c", radius: 1 };
    assert.deepEqual(call.sent, [
      { type: "msm", p: "shapes", o: { className: "Circle", data } },
      { type: "cmsc", p: "shapes", cr: "done" },
    ]);
    await call.element("Circle", data);
    await call.element("null", null);
    await call.close();
    assert.deepEqual(result, { values: [shape, null], ended: true, error: undefined });
  });

  test(`${flavour}: a stream that may be left out is not announced then`, async () => {
    for (const more of [undefined, []]) {
      const { socket, options } = fakeClient();
      const done = new generated.Client("http://localhost/", options).liveShop.collect([], more);
      await settle();
      await socket().accept();
      assert.deepEqual(socket().call().opened.is, more ? ["gadgets", "more"] : ["gadgets"]);
      await socket().call().answer();
      await socket().call().close();
      await done;
    }
  });
}

function evaluate(term: trees.Term): number {
  switch (term.$type) {
    case "Constant":
      return term.value;
    case "Sum":
      return evaluate(term.left) + (term.right ? evaluate(term.right) : 0);
    case "Product":
      return evaluate(term.left) * (term.right ? evaluate(term.right) : 1);
  }
}

/** The compiler sees that no shape is forgotten. */
function describe(shape: ts.Shape): string {
  switch (shape.$type) {
    case "Circle":
      return shape.radius > 0 ? "round" : "a point";
    case "Polygon":
      return `${shape.corners.length} corners`;
    case "LabelledPolygon":
      return shape.label ?? "?";
    default:
      return shape satisfies never;
  }
}

test("the compiler refuses what does not fit", () => {
  // @ts-expect-error `note` may be null, but has to be given.
  new ts.Gadget({ name: "a" });
  // @ts-expect-error A name is not a number.
  new ts.Animal({ name: 1 });
  const place = new ts.Coordinate({ x: 1, y: 2 });
  // @ts-expect-error It does not change.
  place.x = 3;
  // @ts-expect-error No size has this name.
  const size: ts.Size = "gigantic";
  // @ts-expect-error A sealed class has no values of its own.
  assert.ok(new ts.Shape({ name: "x" }));
  const animal: ts.Animal = new ts.Dog({ name: "Rex", tricks: [] });
  assert.ok(animal instanceof ts.Dog && animal.tricks.length === 0 && size);
});

/** What a call says when it gets as far as a socket or a request. */
function recordingClient(generated: typeof ts) {
  const calls: string[] = [];
  class Recording extends generated.Client {
    override async call(method: Method<any, any>, args: object): Promise<any> {
      calls.push(`${method.endpoint}.${method.method} ${stringify(encodeFields(method.args, args))}`);
    }

    override open(method: StreamingMethod<any, any, any>, args: object, inputs: Record<string, Input<any> | undefined>): AsyncIterable<any> {
      const given = Object.keys(inputs).filter((name) => inputs[name]);
      calls.push(`${method.endpoint}.${method.method} ${stringify(encodeFields(method.args, args))} (${given})`);
      return { async *[Symbol.asyncIterator]() {} };
    }
  }
  return { client: new Recording("http://localhost/"), calls };
}
