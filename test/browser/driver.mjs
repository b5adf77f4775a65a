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
// is fetched here and handed to it; what it does with it is its own affair. A web view that stops at
// such an address shows the body of the answer.
async function post(route, told, stops) {
  const response = await route.fetch({ maxRedirects: 0, timeout: WAIT });
  const { location, ...headers } = response.headers();
  told.posts.push({ status: response.status(), location: location || "" });
  await route.fulfill(stops ? { response, status: 200, headers } : { response });
}

// What stands around the page in the set-up of Windows 11: a ground, a card, the host's own row at
// its top. A small window has room for the frame alone.
const host = (url) => `<!DOCTYPE html><html lang="en"><title>Host</title><style>
  html,body{margin:0;height:100%}
  body{display:flex;overflow:hidden;background:linear-gradient(150deg,#d5e6f6,#9fc3e6 60%,#7aa9d8)}
  .card{display:flex;flex-direction:column;flex:1;overflow:hidden;background:#f3f3f3}
  .row{display:none;padding:14px 20px;font:15px "Segoe UI",sans-serif;color:#1b1b1b}
  .row b{display:inline-block;width:32px;font-weight:400}
  iframe{flex:1;width:100%;border:0}
  @media (min-width:800px) and (min-height:600px){.row{display:block}
    .card{margin:36px 44px;border-radius:8px;box-shadow:0 8px 32px rgba(0,0,0,.25)}}
  </style><div class="card"><div class="row"><b>&#8592;</b>Set up for work or school</div>
  <iframe title="Terms" src="${url.replaceAll("&", "&amp;")}"></iframe></div>`;

// The page, in a frame of another origin where that is asked for. zoom is that of the browser: of a
// window there is as much less for the page as all in it is larger. text is a user's size of text.
async function open({ url, headers, framed, width, height, script, colors, scheme, zoom, text,
  failing, stops, language, held }) {
  await close();
  const factor = (zoom || 100) / 100;
  const context = await browser.newContext({
    viewport: { width: Math.round((width || 1024) / factor),
      height: Math.round((height || 768) / factor) },
    deviceScaleFactor: factor, ignoreHTTPSErrors: true, locale: language || "en-US",
    javaScriptEnabled: script !== false, forcedColors: colors || "none",
    colorScheme: scheme || "light", reducedMotion: "reduce" });
  context.setDefaultTimeout(WAIT);
  if (held) // a form that sends itself, so that its page can be seen
    await context.addInitScript(() => { HTMLFormElement.prototype.submit = () => {}; });
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
      return route.fulfill({ contentType: "text/html", body: host(url) });
    if (failing && request.url().includes(failing))
      return route.abort();
    if (request.method() === "POST")
      return post(route, told, stops);
    if (!isFirst || !request.isNavigationRequest())
      return route.continue();
    isFirst = false;
    return route.continue({ headers: { ...request.headers(), ...headers } });
  });
  await page.goto(framed ? FRAME_ORIGIN + "/" : url, { waitUntil: "load" });
  const frame = framed ? page.frames().find((f) => f !== page.mainFrame()) : page.mainFrame();
  await frame.waitForLoadState("load");
  scenario = { context, page, frame, told, stops };
  if (text)
    await frame.evaluate((p) => { document.documentElement.style.fontSize = p + "%"; }, text);
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
  if (answer && (answer.status !== 302 || scenario.stops)) {
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
    const boxes = [...document.querySelectorAll(s || "h1,.content,#pin,.button,button")].map((e) => {
      const b = e.getBoundingClientRect();
      return { what: e.value && e.tagName === "BUTTON" ? e.value : e.id || e.className,
        height: b.height, width: b.width,
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

// What a screen reader has to tell, in its order.
async function tree() {
  const session = await scenario.context.newCDPSession(scenario.page);
  const { nodes } = await session.send("Accessibility.getFullAXTree");
  await session.detach();
  const byId = new Map(nodes.map((node) => [node.nodeId, node]));
  const heard = [];
  const visit = (node) => {
    const properties = Object.fromEntries((node.properties || [])
      .map((p) => [p.name, p.value.value]));
    if (!node.ignored)
      heard.push({ role: node.role.value, name: node.name?.value || "",
        description: node.description?.value || "", ...properties });
    for (const id of node.childIds || [])
      if (byId.has(id))
        visit(byId.get(id));
  };
  visit(nodes[0]);
  return heard;
}

// Computed values, of the element as it is.
async function style({ selector, names }) {
  return scenario.frame.evaluate(([s, list]) => {
    const found = getComputedStyle(document.querySelector(s));
    return Object.fromEntries(list.map((name) => [name, found.getPropertyValue(name)]));
  }, [selector, names]);
}

async function scroll({ selector }) {
  await scenario.frame.evaluate((s) => document.querySelector(s).scrollIntoView(false), selector);
  return {};
}

// Another text in its place, for a picture that is to be the same each time.
async function say({ selector, text }) {
  await scenario.frame.evaluate(([s, t]) => {
    document.querySelector(s).textContent = t;
  }, [selector, text]);
  return {};
}

async function set_value({ selector, value }) {
  await scenario.frame.evaluate(([s, v]) => { document.querySelector(s).value = v; },
    [selector, value]);
  return {};
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
  told, screenshot, close, end, tree, style, scroll, say, set_value };

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
