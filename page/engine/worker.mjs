// The worker in which a page's Python runs: Pyodide, pydantic and pagereel, all handed over at the
// start. Nothing is fetched and nothing nested is imported, so it works as a blob and as data.
import createPyodideModule from "pyodide/pyodide.asm.mjs";
import { loadPyodide } from "pyodide";

const NOWHERE = "https://pagereel.invalid/"; // Pyodide wants an address; what is asked there, we have
let ready;

const bytes = (text) => {
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(text);
  const raw = atob(text);
  return Uint8Array.from(raw, (character) => character.charCodeAt(0));
};
// WebKit reads no blob on a page that was opened as a file, so the bytes are a stream of our own.
const unzipped = async (text) => {
  const packed = new ReadableStream({
    start(stream) {
      stream.enqueue(bytes(text));
      stream.close();
    },
  });
  const stream = packed.pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
};

async function start(files) {
  const began = performance.now();
  const say = (progress) => postMessage({ progress, ms: Math.round(performance.now() - began) });
  say("unpacking");
  const wasm = await unzipped(files.wasm);
  const stdlib = await unzipped(files.stdlib);
  const kept = { "pyodide.asm.wasm": wasm, "python_stdlib.zip": stdlib };
  self.fetch = async (asked) => {
    const name = String(asked.url ?? asked).split("/").pop();
    const headers = name.endsWith(".wasm") ? { "content-type": "application/wasm" } : {};
    return kept[name] ? new Response(kept[name], { headers }) : Response.error();
  };
  say("starting Python");
  const python = await loadPyodide({
    indexURL: NOWHERE,
    stdLibURL: `${NOWHERE}python_stdlib.zip`,
    packageBaseUrl: NOWHERE,
    lockFileContents: { info: files.info, packages: {} },
    createPyodideModule,
    stdout: () => {},
    stderr: () => {},
  });
  say("loading pagereel");
  python.FS.mkdirTree("/pagereel");
  python.unpackArchive(await unzipped(files.modules), "zip", { extractDir: "/pagereel" });
  python.FS.writeFile(`/pagereel/${files.core.path}`, await unzipped(files.core.data));
  python.globals.set("packed_outlines", new TextDecoder().decode(await unzipped(files.outlines)));
  const answer = python.runPython(files.start);
  say("ready");
  return ({ text, overrides, canvas, name = "storyboard", acts = "[]", goesOn = false, lane = "" }) =>
    answer.callKwargs(text, python.toPy(overrides), canvas, name, { acts, goes_on: goesOn, lane });
}

onmessage = async ({ data }) => {
  if (data.ping) return postMessage({ pong: 1 });
  try {
    if (data.start) {
      ready = start(data.start);
      await ready;
      return;
    }
    const ask = await ready;
    const began = performance.now();
    const answer = ask(data);
    postMessage({ id: data.id, answer, ms: Math.round(performance.now() - began) });
  } catch (problem) {
    const lines = String(problem?.message ?? problem).trim().split("\n");
    postMessage({ id: data.id, failed: lines.at(-1) });
  }
};
