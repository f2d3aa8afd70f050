// Tries the site in FOLDER in three engines, over http and from files: `node try.mjs FOLDER`.
// Prints a line for each thing that was tried, with its figures; ends with 1 if one failed.
import { createReadStream } from "node:fs";
import { createServer } from "node:http";
import { join, normalize, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { ENGINES, tab } from "./engines.mjs";

const SIZES = [[390, 844], [768, 1024], [1280, 800]];
const KINDS = { html: "text/html", js: "text/javascript", css: "text/css", png: "image/png" };
const PATIENCE_MS = 90_000;

const [folder, ...wanted] = process.argv.slice(2);
const root = resolve(folder);
const server = createServer(({ url }, answer) => {
  const path = normalize(join(root, decodeURIComponent(new URL(url, "http://x").pathname)));
  const file = createReadStream(path);
  file.on("error", () => answer.writeHead(404).end());
  file.on("open", () => answer.setHeader("Content-Type", KINDS[path.split(".").at(-1)] ?? "text/plain"));
  if (path.startsWith(root)) file.pipe(answer);
  else answer.writeHead(403).end();
});
await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
const roots = {
  http: `http://127.0.0.1:${server.address().port}/`,
  file: `${pathToFileURL(root)}/`,
};

const PLAYER = "document.querySelector('pagereel-player')";
const key = (name) =>
  `void document.body.dispatchEvent(new KeyboardEvent('keydown', { key: '${name}', bubbles: true, composed: true }))`;

let failed = 0;

/** Ask until the answer is a good one; the milliseconds that it took. */
async function until(one, script, isGood = Boolean) {
  const begun = performance.now();
  for (;;) {
    const answer = await one.ask(script).catch(() => undefined);
    if (isGood(answer)) return [Math.round(performance.now() - begun), answer];
    if (performance.now() - begun > PATIENCE_MS) throw new Error(`waited for ${script}`);
    await pause(50);
  }
}

async function attempt(what, work) {
  try {
    console.log(`  ok    ${what}: ${await work()}`);
  } catch (problem) {
    failed += 1;
    console.log(`  FAILS ${what}: ${problem.message}`);
  }
}

/** It draws, steps both ways with motion, and fits. */
async function steps(one, address, [width, height]) {
  await one.open(`${address}#beat=2&step=1`, width, height);
  await until(one, `${PLAYER}?.stage?.layer?.children.length > 5`);
  const paints = "performance.getEntriesByType('paint').map(({ startTime }) => startTime)[0] ?? performance.now()";
  const paint = Math.round(await one.ask(paints));
  await one.ask(key("ArrowRight"));
  const [forward] = await until(one, "location.hash", (hash) => /beat=(2&step=2|3&step=1)$/.test(hash));
  await until(one, `${PLAYER}.playhead.time >= ${PLAYER}.playhead.schedule.settled[${PLAYER}.playhead.index]`);
  await one.ask(key("ArrowLeft"));
  await until(one, "location.hash", (hash) => hash.endsWith("beat=2&step=1"));
  const [inner, wide] = await one.ask("[document.body.clientWidth, document.body.scrollWidth]");
  if (wide > inner) throw new Error(`it is ${wide} wide in ${inner}`);
  const small = await one.ask(
    `Math.min(...[...${PLAYER}.shadowRoot.querySelectorAll('.transport button')].map((e) => e.getBoundingClientRect().height))`,
  );
  if (small < 43.9) throw new Error(`a button is ${small} high`);
  return `drawn after ${paint} ms, stepped in ${forward} ms, ${inner} wide`;
}

/** Blocks of 8 slots in place of 4, played by Python in the browser; then another change. */
async function edits(one, address) {
  await one.open(`${address}#beat=5&set=block_size%3D8`, 1280, 800);
  await until(one, `!!${PLAYER}?.version`);
  const state = `(({ failure, problems, isOwn, progress }) => ({ failure, count: problems.length, isOwn, busy: !!progress }))(${PLAYER}.version.editing)`;
  const [first, answer] = await until(one, state, (told) => told && !told.busy && (told.isOwn || told.failure || told.count));
  if (answer.failure || answer.count) throw new Error(answer.failure || "the reader refused it");
  const lanes = `${PLAYER}.now.settings.find(({ key }) => key === 'block_size').value`;
  await until(one, lanes, (value) => value === 8);
  await one.ask(`void (${PLAYER}.version.change('block_size', '2'), ${PLAYER}.version.play())`);
  const [again] = await until(one, lanes, (value) => value === 2);
  return `first edit after ${first} ms, the next in ${again} ms`;
}

async function searches(one, address) {
  await one.open(`${address}search.html#q=block+table`, 390, 844);
  const [, count] = await until(one, "document.querySelectorAll('#found li').length");
  return `${count} found`;
}

for (const engine of wanted.length ? wanted : ENGINES) {
  const one = await tab(engine);
  console.log(`${engine} (${one.version})`);
  try {
    for (const [way, address] of Object.entries(roots)) {
      const story = `${address}01-the-quick-brown-fox/index.html`;
      for (const size of SIZES) await attempt(`${way}, ${size.join(" x ")}`, () => steps(one, story, size));
      await attempt(`${way}, search`, () => searches(one, address));
      await attempt(`${way}, edits`, () => edits(one, story));
    }
  } finally {
    await one.close();
  }
}
server.close();
server.closeAllConnections();
process.exitCode = failed ? 1 : 0;
