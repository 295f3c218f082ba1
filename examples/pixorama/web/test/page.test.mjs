// The parts of the page that need no browser.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ConnectionFailedError, InternalServerError } from "../../../../clients/typescript/src/index.ts";
import { Outbox } from "../src/outbox.ts";
import { Picture } from "../src/picture.ts";
import { lineCells } from "../src/pointer.ts";
import { View } from "../src/view.ts";

const settle = () => new Promise((resolve) => setImmediate(resolve));

/** A loaded picture, all paper, with an outbox whose calls the test answers. */
function setUp() {
  const picture = new Picture(() => {});
  picture.load(64, 64, new Uint8Array(4096).fill(2));
  const calls = [];
  const refusals = [];
  const send = (index, color) => new Promise((resolve, reject) => calls.push({ index, color, resolve, reject }));
  const outbox = new Outbox(picture, send, (error) => refusals.push(error));
  const paint = (index, color) => {
    picture.paint(index, color);
    outbox.flush();
  };
  return { picture, outbox, calls, refusals, paint };
}

test("painted pixels show at once, whatever the order of answer and announcement", async () => {
  for (const announcedFirst of [true, false]) {
    const { picture, calls, paint } = setUp();
    paint(7, 4);
    assert.equal(picture.colorAt(7), 4);
    if (announcedFirst) assert.equal(picture.announce(7, 4), false);
    calls[0].resolve();
    await settle();
    assert.deepEqual([picture.unsaved, picture.colorAt(7)], [0, 4]);
    if (!announcedFirst) assert.equal(picture.announce(7, 4), false);
    assert.equal(picture.announce(7, 9), true, "what others paint later shows");
    assert.equal(picture.colorAt(7), 9);
  }
});

test("the server's order decides between two who paint the same pixel", async () => {
  const { picture, calls, paint } = setUp();
  paint(7, 4);
  picture.announce(7, 4); // Ours, then theirs, then the answer to ours.
  picture.announce(7, 9);
  calls[0].resolve();
  await settle();
  assert.equal(picture.colorAt(7), 9);

  paint(8, 4);
  picture.announce(8, 9); // Theirs, then the answer, then ours.
  calls[1].resolve();
  await settle();
  picture.announce(8, 4);
  assert.equal(picture.colorAt(8), 4);
});

test("one call for a pixel at a time, and the newest colour after it", async () => {
  const { calls, paint, picture } = setUp();
  for (const color of [4, 5, 6]) paint(7, color);
  assert.deepEqual(calls.map(({ color }) => color), [4]);
  calls[0].resolve();
  await settle();
  assert.deepEqual(calls.map(({ color }) => color), [4, 6]);
  calls[1].resolve();
  await settle();
  assert.equal(picture.unsaved, 0);
});

test("six calls at most are under way", async () => {
  const { calls, paint } = setUp();
  for (let index = 0; index < 20; index++) paint(index, 4);
  assert.equal(calls.length, 6);
  calls[0].resolve();
  await settle();
  assert.equal(calls.length, 7);
});

test("what could not be sent waits, and survives a new picture", async () => {
  const { calls, outbox, paint, picture } = setUp();
  paint(7, 4);
  calls[0].reject(new ConnectionFailedError("gone"));
  await settle();
  paint(8, 4);
  assert.equal(calls.length, 1, "nothing is sent meanwhile");
  picture.load(64, 64, new Uint8Array(4096).fill(2));
  assert.deepEqual([picture.unsaved, picture.colorAt(7), picture.colorAt(8)], [2, 4, 4]);
  outbox.resume();
  assert.deepEqual(calls.slice(1).map(({ index }) => index), [7, 8]);
});

test("a refused pixel shows what it was, and is told", async () => {
  const { calls, paint, picture, refusals } = setUp();
  paint(7, 4);
  calls[0].reject(new InternalServerError(500, "no"));
  await settle();
  assert.deepEqual([picture.colorAt(7), picture.unsaved, refusals.length], [2, 0, 1]);
});

test("lines have no holes, in any direction", () => {
  const ends = [[0, 0], [5, 0], [0, -5], [7, 3], [-3, 7], [-6, -6]];
  for (const [x, y] of ends) {
    const cells = [...lineCells({ x: 0, y: 0 }, { x, y })];
    assert.deepEqual(cells.at(-1), { x: x + 0, y: y + 0 });
    assert.equal(cells.length, Math.max(Math.abs(x), Math.abs(y)) + 1);
    for (let i = 1; i < cells.length; i++) {
      assert.ok(Math.max(Math.abs(cells[i].x - cells[i - 1].x), Math.abs(cells[i].y - cells[i - 1].y)) === 1);
    }
  }
});

test("zooming keeps what is under the pointer, fitting shows everything", () => {
  const view = new View({ width: 64, height: 64 }, () => {});
  view.resize(1280, 800, { top: 80, right: 40, bottom: 100, left: 40 });
  assert.deepEqual([view.zoom, view.y], [1, 80]);
  const cell = view.cellAt({ x: 700, y: 300 });
  view.zoomBy(3, { x: 700, y: 300 });
  assert.deepEqual(view.cellAt({ x: 700, y: 300 }), cell);
  view.panBy(100_000, 0);
  assert.ok(view.x < 1280, "it cannot be lost");
  view.fit();
  assert.deepEqual(view.cellAt(view.centerOf(64 * 5 + 9)), { x: 9, y: 5 });
});
