// Looks at pages as a reader does. Usage: node page.mjs BROWSER LOADGEN FOLDER

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

import { Browser } from "./browser.mjs";
import { HOSTILE, duplicate, many } from "./histories.mjs";

const [program, loadgen, folder] = process.argv.slice(2);
const work = mkdtempSync(join(tmpdir(), "pages-"));
const path = (name) => join(work, name);
const measured = [];

/** Runs loadgen; a verdict may be invalid. */
function run(...options) {
  const { status, stderr } = spawnSync(loadgen, options, { encoding: "utf8", maxBuffer: 1 << 28 });
  assert.ok(status === 0 || status === 1, `loadgen ${options.join(" ")}: ${status}\n${stderr}`);
}

/** A server that answers nothing from 1.5 to 2.5 seconds after its first request. */
const STOPS = `
import { createServer } from "node:http";
let first = null;
createServer((_, response) => {
  first ??= performance.now();
  const at = performance.now() - first;
  setTimeout(() => response.end("ok"), at > 1500 && at < 2500 ? 2500 - at : 0);
}).listen(process.argv[2], "127.0.0.1");
`;

function freePort() {
  return new Promise((done) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });
}

function measure(what, value) {
  measured.push(`${what}: ${value}`);
  console.log(`  ${what}: ${value}`);
}

async function opened(browser, name, { width = 1100, height = 1500, script = true } = {}) {
  const tab = await browser.tab(width, height, { script });
  tab.url = `file://${path(name)}`;
  await tab.open(tab.url);
  if (script) await tab.until("document.querySelector('.run').dataset.drawnMs !== undefined", "drawn charts");
  return tab;
}

/** Nothing went wrong on the page, and nothing but the page was asked for. */
function isQuiet(tab) {
  assert.deepEqual(tab.complaints, []);
  assert.deepEqual(tab.requests, [tab.url]);
}

/** The value at a path such as `latency_us.p50`, in the unit that the page shows. */
function reported(report, at) {
  const value = at.split(".").reduce((value, key) => value[key], report);
  return at.includes("latency_us.") ? value / 1000 : value;
}

const checks = {
  async "the numbers are the report's"(browser) {
    const tab = await opened(browser, "run.html");
    const { runs } = JSON.parse(readFileSync(path("run.json"), "utf8"));
    for (const [number, report] of runs.entries()) {
      const shown = await tab.evaluate(`[...document.querySelectorAll("#run-${number} [data-of]")]
        .map((one) => [one.dataset.of, one.textContent])`);
      const paths = shown.map(([at]) => at);
      for (const at of ["requests.sent", "requests.ok", "requests.fail", "requests.unknown",
        "throughput.requests_per_s", "elapsed_s", "plan.concurrency", "latency_us.p50", "latency_us.p90",
        "latency_us.p99", "latency_us.p99_9", "latency_us.max", "correctness.acknowledged",
        "correctness.before", "correctness.after", "correctness.lost.min", "correctness.unknown"]) {
        assert.ok(paths.includes(at), `run ${number} does not show ${at}`);
      }
      for (const [at, text] of shown) {
        const decimals = text.split(".")[1]?.length ?? 0;
        assert.equal(text, reported(report, at).toFixed(decimals), at);
      }
      const verdict = await tab.evaluate(`document.querySelector("#run-${number} header .verdict").textContent`);
      assert.match(verdict, new RegExp(report.correctness.verdict.toUpperCase()));
      const text = await tab.evaluate(`document.querySelector("#run-${number} pre").textContent`);
      assert.match(text, new RegExp(`Complete requests: +${report.requests.ok}\\n`));
    }
    isQuiet(tab);
  },

  async "throughput over time adds up"(browser) {
    const tab = await opened(browser, "run.html");
    const { runs } = JSON.parse(readFileSync(path("run.json"), "utf8"));
    await tab.evaluate("document.querySelector('.over-time svg').focus()");
    let [sum, last] = [0, ""];
    for (;;) {
      const text = await tab.evaluate("document.querySelector('.over-time .detail').textContent");
      if (text === last) break;
      sum += Number(/: (\d+) ok/.exec(text)[1]);
      last = text;
      await tab.key("ArrowRight");
    }
    // The read after the run is in the history as well.
    assert.equal(sum, runs[0].requests.ok + 1);
  },

  async "without a history the seconds show, with what was dropped, and the stall below"(browser) {
    writeFileSync(path("stops.mjs"), STOPS);
    const port = await freePort();
    run("-q", "--rate", "200/s", "--duration", "5s", "-c", "4", "--stall", "300ms",
      "--exec", `${process.execPath} ${path("stops.mjs")} ${port}`, `127.0.0.1:${port}`,
      "--output", path("rate.json"), "--html", path("rate.html"));
    const tab = await opened(browser, "rate.html", { height: 900 });
    const report = JSON.parse(readFileSync(path("rate.json"), "utf8"));
    assert.ok(report.schedule.dropped > 50, "it stops for a second");
    await tab.evaluate("document.querySelector('.over-time svg').focus()");
    let [ok, dropped, stalled, last] = [0, 0, 0, ""];
    for (;;) {
      const text = await tab.evaluate("document.querySelector('.over-time .detail').textContent");
      if (text === last) break;
      ok += Number(/: (\d+) ok/.exec(text)[1]);
      dropped += Number(/, (\d+) dropped/.exec(text)?.[1] ?? 0);
      stalled += /the target stalled/.test(text);
      last = text;
      await tab.key("ArrowRight");
    }
    assert.deepEqual([ok, dropped], [report.requests.ok, report.schedule.dropped]);
    assert.ok(stalled === 1 || stalled === 2, `in ${stalled} seconds`);
    const texts = await tab.evaluate("document.querySelector('.over-time').textContent");
    for (const shown of ["the target stalled", "dropped: due and never sent"]) assert.ok(texts.includes(shown), shown);
    writeFileSync(join(folder, "seconds.png"), await tab.screenshot({ full: true }));
    isQuiet(tab);
  },

  async "a bar says what was asked and answered, pointed at or focused"(browser) {
    const tab = await opened(browser, "duplicate.html");
    const said = () => tab.evaluate("document.querySelector('.proofs .detail').textContent");
    const texts = {
      3: "client 3: add 1 → 2 · ok · called 500 µs, returned 1.704 ms, took 1.204 ms",
      9: "client 9: add 1 → 2 · ok · called 810 µs, returned 2.013 ms, took 1.203 ms",
    };
    for (const [selector, client] of [[".bar.wrong .shape", 9], [".bar.of-witness .shape", 3]]) {
      const { x, y } = await tab.middle(selector);
      await tab.mouse("mouseMoved", x, y);
      assert.equal(await said(), texts[client]);
    }
    await tab.mouse("mouseMoved", 1, 1);
    const focused = new Set();
    for (let presses = 0; presses < 12; presses++) {
      await tab.key("Tab");
      const label = await tab.evaluate("document.activeElement.closest('.bar')?.getAttribute('aria-label')");
      if (label) {
        focused.add(await said());
        assert.ok(label.endsWith(await said()), label);
      }
    }
    assert.deepEqual([...focused].sort(), Object.values(texts));
    const { x, y } = await tab.middle(".bar.context .shape");
    await tab.mouse("mouseMoved", x, y);
    assert.match(await said(), /^client \d: add 1 → [34] · ok/);
    isQuiet(tab);
  },

  async "the history can be walked through with the arrow keys"(browser) {
    const tab = await opened(browser, "duplicate.html");
    await tab.evaluate("document.querySelector('canvas').focus()");
    const said = [];
    for (const key of ["ArrowRight", "ArrowRight", "ArrowDown", "ArrowRight", "ArrowDown"]) {
      await tab.key(key);
      said.push(await tab.evaluate("document.querySelector('.history .detail').textContent"));
    }
    assert.deepEqual(said.map((text) => text.split(" · called")[0]), [
      "client 0: add 1 → 1 · ok", "client 0: add 1 → fail · fail", "client 3: add 1 → 2 · ok",
      "client 3: add 1 → 3 · ok", "client 5: add 1 → ? · unknown",
    ]);
    const range = () => tab.evaluate("document.querySelector('.history .tools output').textContent");
    const all = await range();
    await tab.key("+", { text: "+" });
    assert.notEqual(await range(), all);
    await tab.evaluate("document.querySelector('.proofs button').click()");
    assert.equal(await range(), "378.96 µs to 2.134 ms");
    isQuiet(tab);
  },

  async "the canvas shows what happened where it happened"(browser) {
    const tab = await opened(browser, "duplicate.html");
    // In nanoseconds, from the first invocation to the last answer.
    const [begin, over, gutter, head, row] = [1_000, 2_600_000, 58, 26, 16];
    const colour = (lane, time) => tab.evaluate(`(() => {
      const canvas = document.querySelector("canvas");
      const x = ${gutter} + (canvas.clientWidth - ${gutter}) * ${(time - begin) / (over - begin)};
      const y = ${head} + ${lane} * ${row} + 4;
      return [...canvas.getContext("2d").getImageData(x, y, 1, 1).data].join();
    })()`);
    const [blue, paper, nothing] = ["43,113,177,255", "252,252,251,255", "0,0,0,0"];
    assert.equal(await colour(0, 300_000), blue, "ok");
    assert.equal(await colour(0, 550_000), nothing, "between two operations");
    assert.equal(await colour(0, 880_000), paper, "failed");
    assert.equal(await colour(1, 450_000), nothing, "before the first");
    assert.equal(await colour(1, 1_650_000), blue, "ok");
    assert.equal(await colour(3, 700_000), nothing, "there are no more clients");
    const unknown = await Promise.all(Array.from({ length: 40 }, (_, at) => colour(2, 1_500_000 + at * 20_000)));
    const amber = unknown.filter((one) => one === "199,119,0,255").length;
    assert.ok(amber > 5 && amber < 35, `hatched: ${unknown.join(" ")}`);
  },

  async "names from outside stay names"(browser) {
    const tab = await opened(browser, "duplicate.html");
    assert.equal(await tab.evaluate("document.querySelector('h3 code').textContent"), HOSTILE);
    assert.equal(await tab.evaluate("document.querySelector('.objects code').textContent"), HOSTILE);
    assert.notEqual(await tab.evaluate("document.title"), "owned");
    assert.equal(await tab.evaluate("document.querySelectorAll('script').length"), 1);
    isQuiet(tab);
  },

  async "verdict, numbers and proof are there without a script"(browser) {
    const tab = await opened(browser, "duplicate.html", { script: false });
    const text = await tab.evaluate("document.querySelector('main').innerText");
    for (const expected of ["INVALID: 1 duplicate value", "client 9\n", "add 1 → 2", "[0 .. 1.204 ms]",
      "Client 3's add returned 2 and so did client 9's; each add makes a value of its own"]) {
      assert.ok(text.includes(expected), `${expected}\n${text}`);
    }
    assert.ok(!text.includes("Over time"), "an empty chart has no heading");
  },

  async "it fits a narrow screen, and follows the colour scheme"(browser) {
    const tab = await opened(browser, "run.html");
    const paper = () => tab.evaluate("getComputedStyle(document.documentElement).backgroundColor");
    const pictures = {};
    for (const scheme of ["light", "dark"]) {
      await tab.scheme(scheme);
      pictures[await paper()] = scheme;
      await tab.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))");
      writeFileSync(join(folder, `${scheme}.png`), await tab.screenshot());
    }
    assert.equal(Object.keys(pictures).length, 2);
    await tab.scheme("light");
    await tab.resize(380, 1500);
    await tab.evaluate("new Promise((done) => setTimeout(done, 200))");
    assert.equal(await tab.evaluate("document.documentElement.scrollWidth"), 380);
    writeFileSync(join(folder, "narrow.png"), await tab.screenshot());
    isQuiet(tab);
  },

  async "each step is a row, on a narrow screen, too"(browser) {
    const tab = await opened(browser, "steps.html", { height: 900 });
    const report = JSON.parse(readFileSync(path("steps.json"), "utf8"));
    const rows = () => tab.evaluate(`[...document.querySelectorAll(".steps tbody tr")]
      .map((row) => [...row.children].map((cell) => cell.textContent))`);
    const ms = (us) => (us / 1000).toFixed(3);
    const expected = report.steps.map(({ name, sent, ok, fail, unknown, latency_us: times }) =>
      [name, ...[sent, ok, fail, unknown].map(String),
        ...(times ? [times.p50, times.p99, times.max].map(ms) : ["–", "–", "–"])]);
    assert.equal(expected.length, 3);
    assert.deepEqual(await rows(), expected);
    writeFileSync(join(folder, "steps.png"), await tab.screenshot());
    await tab.resize(380, 1200);
    await tab.evaluate("new Promise((done) => setTimeout(done, 200))");
    assert.equal(await tab.evaluate("document.documentElement.scrollWidth"), 380);
    // The name of a row stays where its last number is scrolled to.
    const edges = await tab.evaluate(`(() => {
      const wide = document.querySelector(".steps .wide");
      wide.scrollLeft = 1e6;
      const box = (selector) => document.querySelector(".steps tbody " + selector).getBoundingClientRect();
      return { name: box("th").left, end: box("td:last-child").right, left: wide.getBoundingClientRect().left };
    })()`);
    assert.ok(edges.name >= edges.left && edges.end <= 380, JSON.stringify(edges));
    writeFileSync(join(folder, "steps-narrow.png"), await tab.screenshot());
    isQuiet(tab);
  },

  async "a million operations do not freeze it"(browser) {
    const operations = await many(path("many.jsonl"), 1_000_000, 200);
    run("check", path("many.jsonl"), "--html", path("many.html"));
    measure("a million operations: size of the page", `${(statSync(path("many.html")).size / 1e6).toFixed(1)} MB`);
    const tab = await opened(browser, "many.html");
    const ready = await tab.evaluate("Math.round(performance.now())");
    measure("a million operations: from opening to drawn charts", `${ready} ms`);
    assert.ok(ready < 30_000);
    const area = await tab.middle(".history canvas");
    await pointsAtWhatIsThere(tab, operations, area);
    const worst = await longestFrame(tab, async () => {
      for (let press = 0; press < 3; press++) {
        await tab.evaluate("document.querySelectorAll('.tools button')[0].click()");
      }
      await tab.mouse("mousePressed", area.x, area.y, { button: "left", buttons: 1, clickCount: 1 });
      for (let step = 0; step < 60; step++) {
        const x = area.x + 300 * Math.sin(step / 5);
        await tab.mouse("mouseMoved", x, area.y, { button: "left", buttons: 1 });
      }
      await tab.mouse("mouseReleased", area.x, area.y, { button: "left", buttons: 0, clickCount: 1 });
    });
    measure("a million operations: longest frame while panning", `${worst} ms`);
    assert.ok(worst < 2_000);
    isQuiet(tab);
  },
};

/** Points at places of the whole history, and compares with a search through all operations. */
async function pointsAtWhatIsThere(tab, operations, area) {
  const [gutter, head, row] = [58, 26, 16];
  const begin = Math.min(...operations.slice(0, 1000).map(({ call }) => call));
  const over = operations.reduce((latest, { end, outcome }) => Math.max(latest, outcome === "ok" ? end : 0), 0);
  const [left, top] = [area.x - area.width / 2, area.y - area.height / 2];
  let found = 0;
  for (let point = 0; point < 60; point++) {
    const x = gutter + 5 + ((point * 97) % (Math.floor(area.width) - gutter - 80));
    const lane = (point * 7) % 24;
    const time = begin + (over - begin) * ((Math.round(left + x) - left - gutter) / (area.width - gutter));
    const there = operations.find(({ client, call, end, outcome }) =>
      client === lane && call <= time && time <= end && outcome === "ok");
    if (!there) continue;
    await tab.mouse("mouseMoved", Math.round(left + x), Math.round(top + head + lane * row + row / 2));
    const text = await tab.evaluate("document.querySelector('.history .detail').textContent");
    const expected = `client ${lane}: add 1 → ${there.result} · ok`;
    assert.equal(text.slice(0, expected.length), expected, `at ${time}`);
    found++;
  }
  assert.ok(found > 30, `only ${found} places were compared`);
}

/** The longest time between two frames while `act` goes on, in milliseconds. */
async function longestFrame(tab, act) {
  await tab.evaluate(`
    window.frames = [performance.now()];
    (function next() { frames.push(performance.now()); window.frame = requestAnimationFrame(next); })();
  `);
  await act();
  return tab.evaluate(`cancelAnimationFrame(frame);
    Math.round(Math.max(...frames.slice(1).map((time, at) => time - frames[at])))`);
}

/** Runs a scenario of three steps, of which one is never ok, and writes its report and its page. */
async function stepsOf(name) {
  const port = await freePort();
  const server = `
    import { createServer } from "node:http";
    createServer((request, response) => {
      response.statusCode = request.url.startsWith("/gone") ? 410 : 200;
      response.end("ok");
    }).listen(process.argv[2], "127.0.0.1");
  `;
  writeFileSync(path("three.mjs"), server);
  writeFileSync(path("three.yaml"), `
load: { clients: 4, requests: 4000 }
steps:
  look at all that is there, and at a good deal more: { get: /look }
  "<b>buy</b>": { post: /buy, share: 30% }
  gone: { get: /gone, share: 10% }
`);
  run("run", path("three.yaml"), `http://127.0.0.1:${port}`, "-q",
    "--exec", `${process.execPath} ${path("three.mjs")} ${port}`,
    "--output", path(`${name}.json`), "--html", path(`${name}.html`));
}

async function main() {
  run("-q", "-n", "20000", "-c", "50", "--mode", "racy,mutex", "--reads", "5%",
    "--output", path("run.json"), "--html", path("run.html"));
  await stepsOf("steps");
  duplicate(path("duplicate.jsonl"));
  run("check", path("duplicate.jsonl"), "--html", path("duplicate.html"));
  const browser = new Browser(program);
  let failed = 0;
  try {
    for (const [name, check] of Object.entries(checks)) {
      try {
        await check(browser);
        console.log(`ok      ${name}`);
      } catch (error) {
        failed++;
        console.log(`FAILED  ${name}\n${error.stack}`);
      }
    }
  } finally {
    await browser.close();
    rmSync(work, { recursive: true });
  }
  writeFileSync(join(resolve(folder), "README.txt"), measured.map((line) => `${line}\n`).join(""));
  process.exitCode = failed ? 1 : 0;
}

await main();
