import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const limitBytes = 12 * 1024;

test("the runtime with Pixorama's client stays small", async (context) => {
  const result = await build({
    entryPoints: ["../../examples/pixorama/web/src/client/index.ts"], // From this package, where `npm test` runs.
    alias: { "@streampod/client": "./src/index.ts" },
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    write: false,
  });
  const bundle = result.outputFiles[0]!.contents;
  const size = gzipSync(bundle, { level: 9 }).length;
  context.diagnostic(`${bundle.length} bytes minified, ${size} gzipped (limit ${limitBytes})`);
  assert.ok(size < limitBytes);
});
