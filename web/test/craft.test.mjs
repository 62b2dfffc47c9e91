// Accessibility, narrow screens, dark mode, weight: on every kind of page.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, describe, test } from "node:test";
import { createRequire } from "node:module";
import { launch, open } from "./browser.mjs";

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const pages = ["/", "/search?q=%E9%AB%98%E6%96%B0%E5%8D%80", "/search?type=Enterprise", "/doc/unit/urumqi-htdz-xinshi", "/doc/unit/urumqi-htdz-xinshi?group=Observation",
  "/doc/doc/003", "/questions", "/questions/series", "/questions/firms", "/timeline", "/map", "/graph", "/compare", "/ontology", "/sparql", "/code/indicator-gdp", "/nothing"];
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
