import assert from "node:assert/strict";
import { test } from "node:test";
import ts from "typescript";
import * as bundle from "../dist/streampod-client.js";
import * as sources from "../src/index.js";

// `npm run check` says whether the bundle is current.

test("the bundle exports what the sources do, and works", () => {
  assert.deepEqual(Object.keys(bundle).sort(), Object.keys(sources).sort());
  class Point extends bundle.model("Point", { x: bundle.int, y: bundle.nullable(bundle.int) }) {}
  const point: { x: number; y: number | null } = Point.decode({ x: 1 }, new bundle.Protocol([Point]));
  assert.deepEqual(point, new Point({ x: 1 }));
});

test("its types hold together, without those of Node", () => {
  const lib = ["lib.es2022.d.ts", "lib.dom.d.ts", "lib.dom.iterable.d.ts"];
  const program = ts.createProgram(["dist/streampod-client.d.ts"], { strict: true, lib, types: [], target: ts.ScriptTarget.ES2022, noEmit: true });
  const found = ts.getPreEmitDiagnostics(program).map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"));
  assert.deepEqual(found, []);
});
