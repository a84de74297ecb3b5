// A headless Chromium, driven over its debugging pipe: commands and events are JSON, each ended by
// a zero byte. No package is needed for that.

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const FLAGS = [
  "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync",
  "--disable-dev-shm-usage", "--remote-debugging-pipe", "--hide-scrollbars",
];
/** Longer than anything takes on a busy machine. */
const PATIENCE_MS = 60_000;

export class Browser {
  #process;
  #profile = mkdtempSync(join(tmpdir(), "page-test-"));
  #waiting = new Map();
  #listeners = new Set();
  #number = 0;

  constructor(program) {
    const flags = [...FLAGS, `--user-data-dir=${this.#profile}`, "about:blank"];
    this.#process = spawn(program, flags, { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] });
    let rest = "";
    this.#process.stdio[4].setEncoding("utf8").on("data", (text) => {
      const messages = (rest + text).split("\0");
      rest = messages.pop();
      messages.forEach((message) => this.#receive(JSON.parse(message)));
    });
    this.#process.on("exit", (code) => {
      for (const { reject } of this.#waiting.values()) reject(new Error(`the browser exited: ${code}`));
    });
  }

  #receive({ id, error, result, method, params, sessionId }) {
    if (id === undefined) {
      this.#listeners.forEach((listener) => listener(method, params, sessionId));
      return;
    }
    const { resolve, reject } = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error) reject(new Error(error.message));
    else resolve(result);
  }

  send(method, params = {}, sessionId = undefined) {
    const id = ++this.#number;
    this.#process.stdio[3].write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`no answer to ${method}`)), PATIENCE_MS);
      const done = (settle) => (value) => (clearTimeout(late), settle(value));
      this.#waiting.set(id, { resolve: done(resolve), reject: done(reject) });
    });
  }

  listen(listener) {
    this.#listeners.add(listener);
  }

  /** A new tab, wide and high so many pixels. */
  async tab(width, height, { script = true } = {}) {
    const { targetId } = await this.send("Target.createTarget", { url: "about:blank" });
    const { sessionId } = await this.send("Target.attachToTarget", { targetId, flatten: true });
    const tab = new Tab(this, targetId, sessionId);
    for (const domain of ["Page", "Runtime", "Network", "Log"]) await tab.send(`${domain}.enable`);
    await tab.send("Emulation.setScriptExecutionDisabled", { value: !script });
    await tab.resize(width, height);
    return tab;
  }

  async close() {
    const exited = new Promise((resolve) => this.#process.on("exit", resolve));
    await this.send("Browser.close").catch(() => this.#process.kill());
    await exited;
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}

class Tab {
  /** What went wrong on the page, and what it asked of the network. */
  complaints = [];
  requests = [];

  constructor(browser, targetId, sessionId) {
    Object.assign(this, { browser, targetId, sessionId });
    browser.listen((method, params, session) => session === sessionId && this.#hear(method, params));
  }

  #hear(method, params) {
    if (method === "Runtime.exceptionThrown") {
      const { exception, text } = params.exceptionDetails;
      this.complaints.push(exception?.description ?? text);
    }
    if (method === "Runtime.consoleAPICalled") {
      this.complaints.push(`console.${params.type}: ${params.args.map((one) => one.value)}`);
    }
    if (method === "Log.entryAdded") this.complaints.push(`${params.entry.source}: ${params.entry.text}`);
    if (method === "Network.requestWillBeSent") this.requests.push(params.request.url);
  }

  send(method, params) {
    return this.browser.send(method, params, this.sessionId);
  }

  resize(width, height) {
    return this.send("Emulation.setDeviceMetricsOverride", { width, height, deviceScaleFactor: 1, mobile: false });
  }

  scheme(value) {
    return this.send("Emulation.setEmulatedMedia", { features: [{ name: "prefers-color-scheme", value }] });
  }

  async open(url) {
    const loaded = new Promise((resolve) => {
      this.browser.listen((method, _, session) => {
        if (session === this.sessionId && method === "Page.loadEventFired") resolve();
      });
    });
    await this.send("Page.navigate", { url });
    await loaded;
  }

  /** The value of a script's expression, which may be a promise. */
  async evaluate(expression) {
    const options = { expression, awaitPromise: true, returnByValue: true };
    const { result, exceptionDetails } = await this.send("Runtime.evaluate", options);
    if (exceptionDetails) throw new Error(`${expression}: ${exceptionDetails.exception?.description}`);
    return result.value;
  }

  /** Waits until an expression is true. */
  async until(expression, what = expression) {
    const begun = Date.now();
    while (!(await this.evaluate(expression))) {
      if (Date.now() - begun > PATIENCE_MS) throw new Error(`waited in vain for ${what}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** Moves the pointer. */
  mouse(type, x, y, more = {}) {
    return this.send("Input.dispatchMouseEvent", { type, x, y, ...more });
  }

  async key(key, more = {}) {
    const down = { type: "keyDown", key, code: key, windowsVirtualKeyCode: KEYS[key] ?? 0, ...more };
    await this.send("Input.dispatchKeyEvent", down);
    await this.send("Input.dispatchKeyEvent", { type: "keyUp", key, code: key });
  }

  /** The middle of an element, once it is in sight. */
  middle(selector) {
    return this.evaluate(`(() => {
      const element = document.querySelector(${JSON.stringify(selector)});
      element.scrollIntoView({ block: "center" });
      const { x, y, width, height } = element.getBoundingClientRect();
      return { x: x + width / 2, y: y + height / 2, width, height };
    })()`);
  }

  /** The page as a picture: what is in sight, or all of it. */
  async screenshot({ full = false } = {}) {
    const { data } = await this.send("Page.captureScreenshot", { format: "png", captureBeyondViewport: full });
    return Buffer.from(data, "base64");
  }
}

const KEYS = { Tab: 9, ArrowLeft: 37, ArrowUp: 38, ArrowRight: 39, ArrowDown: 40 };
