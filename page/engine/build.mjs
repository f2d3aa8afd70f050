// One half of building the engine, in node: the worker in one piece, and Python compiled by the
// Python that will run it. `node build.mjs FOLDER STORIES SOUND`, called by build.py.
import { build } from "esbuild";
import { loadPyodide } from "pyodide";
import { readFile } from "node:fs/promises";

const [folder, stories, sound] = process.argv.slice(2);
await build({
  entryPoints: ["worker.mjs"],
  outfile: `${folder}/worker.js`,
  bundle: true,
  minify: true,
  format: "esm",
  platform: "browser",
  target: ["chrome115", "firefox115", "safari16.4"],
  external: ["node:*", "ws", "fs", "path", "url", "vm", "crypto", "child_process", "module"],
  legalComments: "inline",
  charset: "utf8",
  logLevel: "warning",
});
const python = await loadPyodide();
for (const [inside, outside] of [
  ["/stage", `${folder}/stage`],
  ["/out", `${folder}/out`],
  ["/stories", stories],
  ["/sound", sound],
]) {
  python.FS.mkdirTree(inside);
  python.mountNodeFS(inside, outside);
}
try {
  python.runPython(await readFile("compile.py", "utf8"));
} catch (problem) {
  console.error(problem.message); // node would print all of Pyodide's text before it
  process.exit(1);
}
process.exit(0);
