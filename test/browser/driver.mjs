// SPDX-License-Identifier: Apache-2.0
//
// driver.mjs: one headless Chromium that does what a test tells it, one JSON object a line: in on
// standard input, out on standard output. It knows how a page is opened, looked at and operated;
// what is right is for the test to say.
//
// The first navigation of a scenario carries the header fields Windows sends; nothing after it does.

import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const FRAME_ORIGIN = "https://host.example";
const WAIT = 120000; // for a machine with other things to do; nothing waits for it when all is well

const args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync",
  "--disable-extensions", "--disable-dev-shm-usage", "--force-color-profile=srgb",
  // The frame is on loopback and what it stands in is not; that is so only here.
  "--disable-features=LocalNetworkAccessChecks,LocalNetworkAccessChecksWebRTC"];

let browser;
let scenario; // { context, page, frame, told }

async function start({ executable }) {
  browser = await chromium.launch({ executablePath: executable, headless: true, args,
    timeout: WAIT, chromiumSandbox: false });
  return { version: browser.version() };
}

async function close() {
  if (scenario)
    await scenario.context.close();
  scenario = undefined;
  return {};
}

// What the browser complains about.
function listen(page, told) {
  page.on("console", (message) => told.console.push(message.text()));
  page.on("pageerror", (error) => told.console.push(String(error)));
}

// The browser does not report an answer that sends it to an address of another scheme, so the answer
// is fetched here and handed to it; what it does with it is its own affair.
async function post(route, told) {
  const response = await route.fetch({ maxRedirects: 0, timeout: WAIT });
  told.posts.push({ status: response.status(), location: response.headers().location || "" });
  await route.fulfill({ response });
}

// The page, in a frame of another origin where that is asked for.
async function open({ url, headers, framed, width, height, script, colors, scheme, zoom, failing }) {
  await close();
  const context = await browser.newContext({
    viewport: { width: width || 1024, height: height || 768 }, ignoreHTTPSErrors: true,
    javaScriptEnabled: script !== false, forcedColors: colors || "none",
    colorScheme: scheme || "light", reducedMotion: "reduce" });
  context.setDefaultTimeout(WAIT);
  const page = await context.newPage();
  const told = { posts: [], visits: [], console: [] };
  listen(page, told);
  let isFirst = true;
  await page.route("**/*", async (route) => {
    const request = route.request();
    if (request.isNavigationRequest())
      told.visits.push({ method: request.method(), url: request.url(),
        bearer: "authorization" in request.headers() });
    if (request.url().startsWith(FRAME_ORIGIN))
      return route.fulfill({ contentType: "text/html", body: `<!DOCTYPE html><html lang="en">
        <title>Host</title><style>html,body,iframe{margin:0;border:0;width:100%;height:100%;
        display:block}body{overflow:hidden}</style>
        <iframe title="Terms" src="${url.replaceAll("&", "&amp;")}"></iframe>` });
    if (failing && request.url().includes(failing))
      return route.abort();
    if (request.method() === "POST")
      return post(route, told);
    if (!isFirst || !request.isNavigationRequest())
      return route.continue();
    isFirst = false;
    return route.continue({ headers: { ...request.headers(), ...headers } });
  });
  await page.goto(framed ? FRAME_ORIGIN + "/" : url, { waitUntil: "load" });
  const frame = framed ? page.frames().find((f) => f !== page.mainFrame()) : page.mainFrame();
  await frame.waitForLoadState("load");
  scenario = { context, page, frame, told };
  // Larger text, as a user's setting makes it.
  if (zoom)
    await frame.evaluate((p) => { document.documentElement.style.fontSize = p + "%"; }, zoom);
  return {};
}

async function check() {
  await scenario.frame.evaluate(axe);
  // preload would fetch style sheets by script, which the policy of the page forbids.
  const found = await scenario.frame.evaluate(() => window.axe.run(document, { preload: false,
    runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"] }));
  const plain = (list) => list.map((f) => ({ id: f.id, impact: f.impact,
    nodes: f.nodes.map((n) => n.html.slice(0, 200) + " | " + (n.failureSummary || "")) }));
  return { violations: plain(found.violations), passes: found.passes.length,
    unsure: plain(found.incomplete) };
}

const describe = () => {
  const e = document.activeElement;
  const style = getComputedStyle(e);
  return { tag: e.tagName.toLowerCase(), id: e.id, name: e.getAttribute("name") || "",
    value: e.getAttribute("value") || "", role: e.getAttribute("role") || "",
    outline: style.outlineStyle === "none" ? 0 : parseFloat(style.outlineWidth) };
};

async function focus() {
  return scenario.frame.evaluate(describe);
}

async function press({ key }) {
  await scenario.page.keyboard.press(key);
  return focus();
}

async function type({ selector, text }) {
  await scenario.frame.fill(selector, text);
  return {};
}

async function focus_on({ selector }) {
  await scenario.frame.focus(selector);
  return {};
}

// A click that leads away: to an answer of the server, whatever the browser makes of it.
async function submit({ selector, key }) {
  const { page, frame, told } = scenario;
  const before = told.posts.length;
  const shown = page.waitForEvent("framenavigated", { timeout: WAIT }).catch(() => {});
  if (key)
    await page.keyboard.press(key);
  else
    await frame.click(selector, { noWaitAfter: true });
  for (const end = Date.now() + WAIT; told.posts.length === before && Date.now() < end;)
    await page.waitForTimeout(20);
  const answer = told.posts[before];
  if (answer && answer.status !== 302) {
    await shown;
    await frame.waitForLoadState("load");
  } else {
    await page.waitForTimeout(300); // for a complaint of the policy
  }
  return { ...answer, console: told.console };
}

// Back, Forward and Reload, of the page itself where it is in a frame; over when another document
// has come.
async function travel({ way }) {
  const { frame, told } = scenario;
  const before = told.visits.length;
  await frame.evaluate((w) => {
    window.isLeft = true;
    setTimeout(() => (w === "reload" ? location.reload() : history[w]()), 0);
  }, way);
  const end = Date.now() + WAIT;
  let isThere = false;
  while (!isThere && Date.now() < end) {
    await scenario.page.waitForTimeout(20);
    // Between two documents there is none to ask.
    isThere = await frame.evaluate(() => !window.isLeft && document.readyState === "complete")
      .catch(() => false);
  }
  if (!isThere)
    throw new Error(`${way} leads nowhere`);
  return { visits: told.visits.slice(before), address: await address() };
}

async function address() {
  return scenario.frame.evaluate(() => location.pathname + location.search);
}

async function look({ selector }) {
  return scenario.frame.evaluate((s) => {
    const root = document.documentElement;
    const boxes = [...document.querySelectorAll(s || "h1,.content,#pin,button")].map((e) => {
      const b = e.getBoundingClientRect();
      return { what: e.value && e.tagName === "BUTTON" ? e.value : e.id || e.className,
        left: b.left, top: b.top, right: b.right, bottom: b.bottom };
    });
    const content = document.querySelector(".content");
    return { lang: root.lang, dir: root.dir, theme: document.body.className,
      title: document.title, text: document.body.innerText,
      width: root.clientWidth, height: root.clientHeight, scrollWidth: root.scrollWidth,
      scrollHeight: root.scrollHeight,
      content: content && { client: content.clientHeight, scroll: content.scrollHeight,
        clientWidth: content.clientWidth, scrollWidth: content.scrollWidth },
      background: getComputedStyle(document.body).backgroundColor, boxes };
  }, selector);
}

async function told() {
  return scenario.told;
}

async function screenshot({ path }) {
  await scenario.page.screenshot({ path, animations: "disabled" });
  return {};
}

async function end() {
  await close();
  await browser.close();
  return {};
}

const commands = { start, open, check, focus, press, type, focus_on, submit, travel, address, look,
  told, screenshot, close, end };

for await (const line of createInterface({ input: process.stdin })) {
  const { command, ...options } = JSON.parse(line);
  let answer;
  try {
    answer = { result: await commands[command](options) };
  } catch (error) {
    answer = { error: String(error.stack || error) };
  }
  process.stdout.write(JSON.stringify(answer) + "\n");
  if (command === "end")
    break;
}
