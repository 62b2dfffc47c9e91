// What a reader does, in a real browser on a real server.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, describe, test } from "node:test";
import { base, launch, open } from "./browser.mjs";

describe("journeys", () => {
let browser;
before(async () => { browser = await launch(); });
after(async () => { await browser.close(); });

function journey(name, options, steps) {
  test(name, async () => {
    const { page, faults, close } = await open(browser, options);
    try {
      await steps(page);
      assert.deepEqual(faults, []);
    } finally {
      await close();
    }
  });
}

for (const [script, query, expected] of [
  ["Traditional", "烏魯木齊經開區", "urumqi-etdz"],
  ["Simplified", "乌鲁木齐经开区", "urumqi-etdz"],
  ["pinyin", "wulumuqi", "urumqi"],
  ["English", "Goldwind", "goldwind"],
]) {
  journey(`search in ${script}`, {}, async (page) => {
    await page.visit("/");
    await page.fill(".hero input[name=q]", query);
    await page.press(".hero input[name=q]", "Enter");
    await page.waitForURL(/\/search/);
    assert.match(await page.locator(".hits li").first().locator("a").getAttribute("href"), new RegExp(expected));
  });
}

journey("suggestions while typing, by keyboard", {}, async (page) => {
  await page.visit("/");
  await page.locator(".hero input[name=q]").pressSequentially("高新區");
  await page.waitForSelector(".hero .popup li");
  await page.press(".hero input[name=q]", "ArrowDown");
  assert.equal(await page.getAttribute(".hero .popup li", "aria-selected"), "true");
  await page.press(".hero input[name=q]", "Enter");
  await page.waitForURL(/\/doc\//);
  assert.ok(await page.locator("h1").textContent());
});

journey("follow a fact to its span", {}, async (page) => {
  await page.visit("/doc/unit/urumqi-htdz-xinshi");
  await page.locator("table.facts a[data-source]").first().click();
  await page.waitForSelector("#source-sheet[open] mark");
  assert.ok((await page.locator("#source-sheet mark").first().textContent()).length > 0);
  assert.match(await page.locator("#source-sheet .cite").first().textContent(), /\d+ to \d+/);
  await page.locator("#source-sheet .cite a").last().click();
  await page.waitForURL(/\/doc\/span\//);
  assert.equal(await page.locator("blockquote mark").count(), 1);
});

journey("the same without JavaScript", { javaScriptEnabled: false }, async (page) => {
  await page.visit("/doc/unit/urumqi-htdz-xinshi");
  await page.locator("table.facts a[data-source]").first().click();
  await page.waitForURL(/\/source\//);
  assert.ok(await page.locator("mark").count());
});

journey("ask a question by name, read the table, take the CSV", {}, async (page) => {
  await page.visit("/questions/series");
  await page.fill("#p-about", "烏魯木齊高新區（新市區）");
  await page.press("#p-about", "Escape");
  await page.click(".parameters button");
  await page.waitForURL(/about=/);
  assert.ok(await page.locator("table.answer tbody tr").count() > 0);
  assert.ok(await page.locator("figure.chart circle.mark").count() > 0);
  const csv = await page.request.get(base + await page.getAttribute("a[type='text/csv']", "href"));
  assert.equal(csv.status(), 200);
  assert.match(await csv.text(), /^date,value/);
});

journey("run an example query in the editor", {}, async (page) => {
  await page.visit("/sparql");
  await page.waitForSelector(".yasqe .CodeMirror");
  await page.locator("[data-example]").first().click();
  await page.waitForSelector(".yasr table tbody tr");
  assert.ok(await page.locator(".yasr table tbody tr").count() > 0);
});

journey("complete a term in the editor", {}, async (page) => {
  await page.visit("/sparql");
  await page.waitForSelector(".yasqe .CodeMirror");
  await page.evaluate(() => { document.querySelector("[data-editor]").yasgui.getTab().setQuery("SELECT * WHERE { ?s a "); });
  await page.locator(".CodeMirror textarea").focus();
  await page.keyboard.press("Control+End");
  await page.keyboard.type("zg:AdministrativeInt");
  await page.keyboard.press("Control+Space");
  await page.waitForSelector(".CodeMirror-hints li");
  await page.keyboard.press("Enter");
  const query = await page.evaluate(() => document.querySelector("[data-editor]").yasgui.getTab().getQuery());
  assert.match(query, /zg:AdministrativeIntegration/);
  assert.match(query, /PREFIX zg: <https:\/\/w3id.org\/zonegraph\/ontology#>/);
});

for (const [view, query, sign] of [
  ["Graph", "SELECT ?f ?z { ?c zg:firm ?f ; zg:zone ?z }", ".result-picture canvas"],
  ["Map", "SELECT ?s ?lat ?long { ?s wgs:lat ?lat ; wgs:long ?long }", ".result-picture.leaflet-container path"],
  ["BarChart", "SELECT ?t (COUNT(*) AS ?n) { ?c a ?t } GROUP BY ?t ORDER BY DESC(?n) LIMIT 8", ".result-picture canvas"],
]) {
  journey(`#defaultView:${view}`, {}, async (page) => {
    const prefixes = "PREFIX zg: <https://w3id.org/zonegraph/ontology#> PREFIX wgs: <http://www.w3.org/2003/01/geo/wgs84_pos#>";
    await page.visit(`/sparql#query=${encodeURIComponent(`#defaultView:${view}\n${prefixes}\n${query}`)}`);
    await page.waitForSelector(sign, { state: "attached" });
    await page.waitForSelector(".result-picture[data-drawn]");
  });
}

journey("draw, expand and hide in the neighbourhood graph", {}, async (page) => {
  await page.visit("/doc/zone/urumqi-landport");
  await page.click("[data-do=draw]");
  await page.waitForSelector(".graph[data-drawn] canvas");
  const count = async () => Number(await page.getAttribute(".graph", "data-drawn"));
  const first = await count();
  assert.ok(first > 3);
  await page.evaluate(() => {
    const cy = document.querySelector(".graph").graph;
    cy.nodes().unselect();
    cy.getElementById("unit/urumqi-etdz-toutunhe").select();
  });
  await page.click("[data-do=expand]");
  await page.waitForFunction((n) => Number(document.querySelector(".graph").dataset.drawn) > n, first);
  const second = await count();
  await page.click("[data-do=hide]");
  assert.ok(await count() < second);
});

journey("the graph of the whole, by keyboard", {}, async (page) => {
  await page.visit("/graph");
  await page.waitForSelector(".graph[data-drawn] canvas");
  await page.locator(".graph .canvas").focus();
  await page.keyboard.press("ArrowRight");
  assert.match(await page.locator(".graph .status").textContent(), /Chosen: /);
});

journey("the map", {}, async (page) => {
  await page.visit("/map");
  await page.waitForSelector(".map[data-drawn] path.leaflet-interactive");
  await page.locator("path.leaflet-interactive").last().click({ force: true });
  await page.waitForSelector(".leaflet-popup a, .leaflet-popup b");
});

journey("download a file and read it", {}, async (page) => {
  await page.visit("/doc/zone/urumqi-etdz");
  const [download] = await Promise.all([page.waitForEvent("download", { timeout: 120_000 }), page.locator(".downloads a", { hasText: "GEXF" }).click()]);
  const text = await readFile(await download.path(), "utf8");
  assert.match(text, /<gexf/);
  assert.match(text, /urumqi-etdz/);
});

journey("switch the language, and keep it", {}, async (page) => {
  await page.visit("/doc/zone/urumqi-etdz");
  assert.equal(await page.getAttribute("html", "lang"), "en");
  await page.locator(".langs a[hreflang=zh-Hant]").click();
  await page.waitForFunction(() => document.documentElement.lang === "zh-Hant");
  assert.match(await page.locator("h1").textContent(), /烏魯木齊/);
  await page.visit("/questions");
  assert.equal(await page.getAttribute("html", "lang"), "zh-Hant");
});

journey("the language of the browser", { locale: "zh-CN" }, async (page) => {
  await page.visit("/");
  assert.equal(await page.getAttribute("html", "lang"), "zh-Hans");
});

journey("a page that is not there", {}, async (page) => {
  const reply = await page.request.get(`${base}/doc/zone/none`, { headers: { Accept: "text/html" } });
  assert.equal(reply.status(), 404);
  assert.match(await reply.text(), /<h1>/);
});
});
