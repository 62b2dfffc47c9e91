// Accessibility, narrow screens, dark mode, weight: on every kind of page.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, describe, test } from "node:test";
import { createRequire } from "node:module";
import { launch, open } from "./browser.mjs";

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const pages = ["/", "/search?q=%E9%AB%98%E6%96%B0%E5%8D%80", "/search?type=Enterprise", "/doc/unit/urumqi-htdz-xinshi", "/doc/unit/urumqi-htdz-xinshi?group=Observation",
  "/doc/doc/003", "/questions", "/questions/series", "/questions/firms", "/questions/cq35", "/questions/timeline?lang=zh-Hant", "/timeline", "/map", "/graph", "/compare", "/ontology", "/sparql", "/code/indicator-gdp", "/nothing"];
const text = pages.filter((path) => !["/sparql", "/graph", "/map"].includes(path));
describe("craft", () => {
let browser;
before(async () => { browser = await launch(); });
after(async () => { await browser.close(); });

async function within(options, path, look) {
  const { page, faults, close } = await open(browser, options);
  try {
    await page.visit(path);
    await look(page);
    assert.deepEqual(faults.filter((fault) => !(path === "/nothing" && /404/.test(fault))), []);
  } finally {
    await close();
  }
}

for (const colorScheme of ["light", "dark"]) {
  for (const path of pages) {
    test(`axe, ${colorScheme}: ${path}`, () => within({ colorScheme, bypassCSP: true }, path, async (page) => {
      await page.evaluate(axe);
      const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
      const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
      assert.deepEqual(serious.map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map((n) => n.html.slice(0, 160)).join(" | ")}`), []);
    }));
  }
}

for (const locale of ["zh-CN", "en"]) {
  for (const path of pages) {
    test(`360 px, ${locale}: ${path}`, () => within({ locale, viewport: { width: 360, height: 780 } }, path, async (page) => {
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 360);
    }));
  }
}

for (const path of text) {
  test(`weight: ${path}`, async () => {
    const { page, close } = await open(browser);
    let bytes = 0;
    page.on("response", async (reply) => { bytes += Number(reply.headers()["content-length"] || 0); });
    await page.visit(path);
    await close();
    assert.ok(bytes < 100_000, `${bytes} bytes`);
  });
}

const shown = {
  table: "SELECT ?a ?b ?c ?d ?e ?f { ?a ?b ?c . ?d ?e ?f } LIMIT 3",
  chart: "#defaultView:LineChart\nSELECT ?date ?value { VALUES (?date ?value) { ('2010' 43444000000) ('2019' 127320000000) } }",
};
for (const [kind, query] of Object.entries(shown)) {
  for (const colorScheme of ["light", "dark"]) {
    test(`an answer in the editor, 360 px and axe, ${colorScheme}: ${kind}`, () => within({ colorScheme, bypassCSP: true, viewport: { width: 360, height: 780 } }, `/sparql#query=${encodeURIComponent(query)}`, async (page) => {
      await page.waitForSelector(kind === "table" ? ".yasr table tbody tr" : ".result-picture[data-drawn] canvas");
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 360);
      await page.evaluate(axe);
      const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
      assert.deepEqual(violations.filter(({ impact }) => impact !== "minor").map(({ id, nodes }) => `${id}: ${nodes[0].html.slice(0, 160)}`), []);
    }));
  }
}

test("on paper a dark page has the colours of the light one", () => within({ colorScheme: "dark" }, "/timeline", async (page) => {
  await page.emulateMedia({ media: "print", colorScheme: "dark" });
  const look = (selector) => page.evaluate((one) => { const { color, backgroundColor } = getComputedStyle(document.querySelector(one)); return [color, backgroundColor]; }, selector);
  assert.deepEqual(await look(".chip.on"), ["rgb(0, 0, 0)", "rgb(248, 233, 228)"]);
  assert.equal(await page.locator(".bottom .links").isVisible(), false);
  assert.equal(await page.evaluate(() => getComputedStyle(document.documentElement).getPropertyValue("--c0").trim()), "#a4331f");
}));

test("figures stay whole on a narrow screen", () => within({ viewport: { width: 360, height: 780 } }, "/questions/cq35", async (page) => {
  for (const cell of await page.locator(".bars td.number").all()) assert.ok((await cell.boundingBox()).height < 40);
  for (const bar of await page.locator(".bars td.bar rect").all()) assert.ok((await bar.boundingBox()).width > 8);
}));

test("no column of an answer is squeezed", () => within({ locale: "zh-CN" }, "/questions/cq35", async (page) => {
  for (const cell of await page.locator("table.answer tbody tr").first().locator("td:not(.number, .short)").all()) assert.ok((await cell.boundingBox()).width >= 100);
}));

test("no style or script in the page itself", async () => {
  for (const path of pages) {
    const { page, close } = await open(browser, { javaScriptEnabled: false });
    const reply = await page.visit(path);
    const html = await reply.text();
    await close();
    assert.doesNotMatch(html, /<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)/i, path);
    assert.match(reply.headers()["content-security-policy"], /default-src 'self'/);
    assert.doesNotMatch(reply.headers()["content-security-policy"], /unsafe/);
  }
});
});
