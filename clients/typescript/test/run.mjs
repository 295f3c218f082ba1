// Bundles the tests into out/ and runs them with node's own test runner. Arguments name single tests: `npm test -- codec`.
import { spawn } from "node:child_process";
import { readdirSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
const wanted = process.argv.slice(2);
const tests = readdirSync("test").filter((name) => name.endsWith(".test.ts") && (wanted.length === 0 || wanted.some((word) => name.includes(word))));

rmSync("out", { recursive: true, force: true });
await build({
  entryPoints: tests.map((name) => `test/${name}`),
  outdir: "out",
  outExtension: { ".js": ".mjs" },
  bundle: true,
  external: ["esbuild", "typescript", "ws"],
  alias: { "@streampod/client": "./src/index.ts" },
  platform: "node",
  format: "esm",
  target: "node18",
  sourcemap: "inline",
  logLevel: "warning",
});
const files = tests.map((name) => `out/${name.replace(/\.ts$/, ".mjs")}`);
const flags = ["--enable-source-maps", ...(globalThis.crypto ? [] : ["--experimental-global-webcrypto"])]; // Node 18 hides it.
const runner = spawn(process.execPath, [...flags, "--test", ...files], { stdio: "inherit" });
runner.on("exit", (code) => process.exit(code ?? 1));
