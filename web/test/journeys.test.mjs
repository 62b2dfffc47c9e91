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

journey("look closer at the timeline without JavaScript", { javaScriptEnabled: false, locale: "zh-CN" }, async (page) => {
  await page.visit("/timeline");
  const all = await page.locator("table.strip tbody tr").count();
  await page.locator(".chips a", { hasText: "2010–2019" }).click();
  await page.waitForURL(/from=2010&to=2019/);
  await page.locator(".chips a", { hasText: "2018" }).click();
  await page.waitForURL(/from=2018&to=2018/);
  const year = await page.locator("table.strip tbody tr").count();
  assert.ok(year > 0 && year < all);
  await page.locator(".chips a", { hasText: "设立" }).click();
  await page.waitForURL(/kind=Establishment/);
  assert.match(page.url(), /from=2018&to=2018/);
  assert.ok(await page.locator("table.strip tbody tr").count() < year);
  assert.equal(await page.locator(".chips a[aria-current]").count(), 2);
});

journey("skip to the content by keyboard, and see where one is", {}, async (page) => {
  await page.visit("/timeline");
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.className), "skip");
  assert.ok((await page.locator(".skip").boundingBox()).x >= 0);
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  assert.ok(await page.evaluate(() => document.activeElement.closest("main") !== null));
  for (let steps = 0; steps < 12; steps += 1) {
    assert.notEqual(await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle), "none");
    await page.keyboard.press("Tab");
  }
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

for (const [locale, texts] of [["zh-CN", ["查询", "表格", "图表", "原始结果"]], ["zh-TW", ["查詢", "表格", "圖表", "原始結果"]]]) {
  journey(`the editor in ${locale}`, { locale }, async (page) => {
    await page.visit("/sparql");
    await page.waitForSelector(".yasqe .CodeMirror");
    await page.locator("[data-example]").first().click();
    await page.waitForSelector(".yasr table tbody tr");
    for (const text of texts) assert.ok(await page.locator(".editor").getByText(text, { exact: true }).count(), text);
    await page.locator(".tabsList .tab").first().click({ button: "right" });
    await page.waitForSelector(".context-menu-item");
    const left = await page.evaluate(() => {
      // methods and forms have the same names everywhere
      const theirs = ".CodeMirror-scroll, td, th, svg :not(title), option, .selectorButton, .yasr_external_ref_btn, .clearEndpointBtn";
      const shown = [...document.querySelectorAll(".editor *, .context-menu *")].filter((e) => !e.closest(theirs));
      const texts = shown.flatMap((e) => [...e.childNodes].filter((n) => n.nodeType === 3).map((n) => n.data));
      const names = shown.flatMap((e) => ["title", "aria-label", "placeholder"].map((a) => e.getAttribute(a) || ""));
      return [...new Set([...texts, ...names])].filter((text) => /[A-Za-z]{3}/.test(text.replaceAll(/SPARQL|Ask \/ Select|Construct \/ Describe/g, "")));
    });
    assert.deepEqual(left, []);
  });
}

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

const asked = (text) => `/sparql#query=${encodeURIComponent(text)}`;

test("a query that fails says why, in the language of the page", async () => {
  const { page, faults, close } = await open(browser, { locale: "zh-CN" });
  await page.visit(asked("SELEC"));
  await page.waitForSelector(".yasr [role=alert]");
  assert.match(await page.locator(".yasr [role=alert]").textContent(), /SPARQL 不合语法.*行号与列号/);
  assert.equal(await page.locator(".yasr pre").count(), 0);
  await close();
  assert.deepEqual(faults.filter((fault) => !/status of 400/.test(fault)), []);
});

journey("a picture after a table, and an answer that fits no picture", { locale: "zh-CN" }, async (page) => {
  await page.visit(asked("SELECT ?s ?o { ?s ?p ?o FILTER isIRI(?o) } LIMIT 5"));
  await page.waitForSelector(".yasr table tbody tr");
  await page.reload({ waitUntil: "networkidle" });
  await page.goto("about:blank");
  await page.visit(asked("#defaultView:Graph\nSELECT ?s ?o { ?s ?p ?o FILTER isIRI(?o) } LIMIT 6"));
  await page.waitForSelector(".result-picture[data-drawn] canvas");
  assert.equal(await page.locator(".yasr_plugin_control > *").count(), 0);
  await page.goto("about:blank");
  await page.visit(asked("SELECT ?s { ?s a <x:none> }"));
  await page.waitForSelector(".yasr_fallback_info p");
  assert.equal(await page.locator(".yasr_fallback_info").textContent(), "“图谱”不能显示这个结果，现以“表格”显示。");
  assert.equal(await page.locator("td.dt-empty").textContent(), "没有结果");
});

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
