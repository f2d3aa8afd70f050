// The three engines, each as a tab that opens an address at a size and answers scripts.
//
// Chromium and Firefox speak WebDriver BiDi or CDP to puppeteer; WebKitGTK's MiniBrowser has a
// driver of its own, which selenium talks to. Each needs a display or runs without one.
import { spawn } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import puppeteer from "puppeteer-core";
import { Builder } from "selenium-webdriver";

const isRoot = process.getuid?.() === 0;

const found = (...paths) => paths.find((path) => path && existsSync(path));

/** Where Debian and its like have each browser. */
const PLACES = {
  chromium: () => found("/usr/bin/chromium", "/usr/bin/chromium-browser"),
  firefox: () => found("/usr/bin/firefox-esr", "/usr/bin/firefox"),
  webkit: () => {
    const libraries = readdirSync("/usr/lib").map((folder) => `/usr/lib/${folder}`);
    const folders = libraries.flatMap((at) => [`${at}/webkit2gtk-4.1`, `${at}/webkit2gtk-4.0`]);
    return found("/usr/bin/WebKitWebDriver") && found(...folders.map((at) => `${at}/MiniBrowser`));
  },
};

export const ENGINES = Object.keys(PLACES);

/** A tab of an engine: `open(address, width, height)`, `ask(script)`, `close()`. */
export async function tab(engine) {
  const binary = PLACES[engine]();
  if (!binary) throw new Error(`${engine} is not installed`);
  return engine === "webkit" ? webkit(binary) : puppet(engine, binary);
}

async function puppet(engine, executablePath) {
  const isFirefox = engine === "firefox";
  const browser = await puppeteer.launch({
    browser: isFirefox ? "firefox" : "chrome",
    executablePath,
    headless: true,
    args: !isFirefox && isRoot ? ["--no-sandbox"] : [],
    protocolTimeout: 120_000,
  });
  const page = await browser.newPage();
  return {
    version: await browser.version(),
    async open(address, width, height) {
      await page.setViewport({ width, height });
      await page.goto("about:blank"); // a change of the hash alone is no new visit
      await page.goto(address);
    },
    ask: (script) => page.evaluate(script),
    close: () => browser.close(),
  };
}

async function webkit(binary) {
  const port = 4500 + (process.pid % 400);
  const environment = { ...process.env, WEBKIT_DISABLE_COMPOSITING_MODE: "1" };
  if (isRoot) environment.WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS = "1";
  const server = spawn("/usr/bin/WebKitWebDriver", [`--port=${port}`], { env: environment });
  await pause(500);
  const driver = await new Builder()
    .usingServer(`http://127.0.0.1:${port}`)
    .withCapabilities({
      browserName: "MiniBrowser",
      "webkitgtk:browserOptions": { binary, args: ["--automation"] },
    })
    .build();
  await driver.manage().setTimeouts({ script: 120_000, pageLoad: 60_000 });
  const told = await driver.getCapabilities();
  return {
    version: `WebKitGTK ${told.get("browserVersion")}`,
    async open(address, width, height) {
      await driver.get("about:blank");
      // The window has a bar above the page; what counts is the page.
      for (let more = 0, tries = 0; tries < 4; tries++) {
        await driver.manage().window().setRect({ width, height: height + more });
        await pause(200);
        more += height - (await driver.executeScript("return innerHeight"));
      }
      await driver.get(address);
      // No window is as narrow as a phone; a page may be.
      await driver.executeScript(`document.body.style.width = "${width}px"`);
    },
    ask: (script) => driver.executeScript(`return ${script}`),
    async close() {
      await driver.quit().catch(() => undefined);
      server.kill();
    },
  };
}
