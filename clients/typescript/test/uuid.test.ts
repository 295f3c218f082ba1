import assert from "node:assert/strict";
import { test } from "node:test";
import { randomUuid, randomUuidV7 } from "../src/index.js";
import { uuidV4 } from "../src/uuid.js";

const v4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

test("a UUID v4 with whatever randomness there is", () => {
  const getRandomValues = <T extends ArrayBufferView | null>(array: T): T => {
    (array as unknown as Uint8Array).fill(0xff);
    return array;
  };
  for (const crypto of [globalThis.crypto, { getRandomValues }, {}]) assert.match(uuidV4(crypto), v4);
  assert.equal(uuidV4({ getRandomValues }), "ffffffff-ffff-4fff-bfff-ffffffffffff");
});

test("random UUIDs differ; a v7 begins with the time", () => {
  assert.match(randomUuid(), v4);
  assert.notEqual(randomUuid(), randomUuid());
  const before = Date.now();
  const uuid = randomUuidV7();
  assert.match(uuid, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  const time = Number.parseInt(uuid.replaceAll("-", "").slice(0, 12), 16);
  assert.ok(before <= time && time <= Date.now());
  assert.notEqual(uuid, randomUuidV7());
});
