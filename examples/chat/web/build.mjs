// Builds the page into dist/, which the server embeds. With --check: fails when dist/ is not what the sources give.
import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

process.chdir(fileURLToPath(new URL(".", import.meta.url)));
const files = ["index.html", "app.js", "style.css"];

async function buildInto(folder) {
  await build({
    entryPoints: { app: "src/app.ts", style: "src/style.css" },
    outdir: folder,
    bundle: true,
    minify: true,
    format: "esm",
    target: ["es2022", "safari16"],
    charset: "utf8",
    legalComments: "none",
    logLevel: "warning",
  });
  cpSync("src/index.html", join(folder, "index.html"));
}

function read(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

if (process.argv.includes("--check")) {
  const fresh = mkdtempSync(join(tmpdir(), "chat-"));
  try {
    await buildInto(fresh);
    const stale = files.filter((name) => read(join("dist", name)) !== read(join(fresh, name)));
    if (stale.length > 0) {
      console.error(`dist/ is stale (${stale.join(", ")}): run "npm run build" in examples/chat/web and commit dist/.`);
      process.exitCode = 1;
    }
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
} else {
  rmSync("dist", { recursive: true, force: true });
  await buildInto("dist");
  for (const name of files) console.log(`dist/${name}  ${read(join("dist", name)).length} characters`);
}
