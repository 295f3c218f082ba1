import assert from "node:assert/strict";
import { test } from "node:test";
import { uuidV4 } from "../src/uuid.js";

test("a UUID v4 with whatever randomness there is", () => {
  const getRandomValues = <T extends ArrayBufferView | null>(array: T): T => {
    (array as unknown as Uint8Array).fill(0xff);
    return array;
  };
  for (const crypto of [globalThis.crypto, { getRandomValues }, {}]) {
    assert.match(uuidV4(crypto), /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  }
  assert.equal(uuidV4({ getRandomValues }), "ffffffff-ffff-4fff-bfff-ffffffffffff");
});
