// Builds dist/streampod-client.js, the whole runtime in one module, and its types. With --check: fails when dist/ is not
// what the sources give.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import ts from "typescript";

process.chdir(fileURLToPath(new URL(".", import.meta.url)));

const header = "// Streampod's TypeScript client in one module. MIT OR Apache-2.0. Built by `npm run build`; do not edit.\n";
const files = { "dist/streampod-client.js": await code(), "dist/streampod-client.d.ts": types() };

if (process.argv.includes("--check")) {
  const stale = Object.keys(files).filter((path) => read(path) !== files[path]);
  if (stale.length > 0) {
    console.error(`stale: ${stale.join(", ")}; run "npm run build" in clients/typescript and commit dist/.`);
    process.exitCode = 1;
  }
} else {
  mkdirSync("dist", { recursive: true });
  for (const [path, text] of Object.entries(files)) writeFileSync(path, text);
}

async function code() {
  const bundle = { entryPoints: ["src/index.ts"], bundle: true, format: "esm", target: "es2022", charset: "utf8" };
  const { outputFiles } = await build({ ...bundle, write: false, logLevel: "warning" });
  return header + outputFiles[0].text;
}

/** The declarations of all modules, one after the other: their names differ, and only what index.ts exports is exported. */
function types() {
  const { config } = ts.readConfigFile("tsconfig.json", ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: ["src"] }, ts.sys, ".");
  const program = ts.createProgram(["src/index.ts"], { ...options, types: [], declaration: true, emitDeclarationOnly: true });
  let declarations = "";
  const exported = [];
  program.emit(undefined, (path, text) => {
    declarations += "\n";
    for (const statement of ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true).statements) {
      if (ts.isImportDeclaration(statement)) continue;
      if (!ts.isExportDeclaration(statement)) declarations += statement.getFullText().replace(/^export /m, "");
      else if (statement.exportClause) exported.push(...namesOf(statement));
    }
  });
  return `${header}${declarations}export { ${exported.sort().join(", ")} };\n`;
}

function namesOf({ isTypeOnly, exportClause }) {
  return exportClause.elements.map((element) => (isTypeOnly || element.isTypeOnly ? "type " : "") + element.name.text);
}

function read(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
