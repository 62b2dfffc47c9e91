// Draws Mermaid files in Chromium as a page with mermaid's own defaults does, and prints what is then seen, as JSON.
// node mermaid.mjs FILE...
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const bundle = fileURLToPath(new URL("node_modules/mermaid/dist/mermaid.min.js", import.meta.url));
const executablePath = process.env.CHROMIUM || "/usr/bin/chromium";
const args = ["--no-sandbox", "--disable-quic", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"];

/** Runs in the page: one chart, read back from the drawing. */
async function draw(source) {
  mermaid.initialize({ startOnLoad: false });
  const { securityLevel, maxTextSize, maxEdges } = mermaid.mermaidAPI.getConfig();
  document.body.innerHTML = (await mermaid.render("drawn", source)).svg;
  const words = (element) => {
    const copy = element?.cloneNode(true);
    for (const line of copy?.querySelectorAll("br") ?? []) line.replaceWith("\n");
    return copy?.textContent ?? "";
  };
  const marks = (element) => [...new Set([...(element?.querySelectorAll("*") ?? [])].map((inner) => inner.localName))];
  const nodes = [...document.querySelectorAll("g.node")].map((node) => {
    const label = node.querySelector(".nodeLabel");
    const fill = node.querySelector(".label-container").style.fill;
    return { id: /flowchart-(n\d+)-/.exec(node.id)[1], label: words(label), marks: marks(label), fill };
  });
  const edges = [...document.querySelectorAll("path.flowchart-link")].map(({ dataset: { id } }) => {
    const label = document.querySelector(`.edgeLabel .label[data-id="${id}"] .edgeLabel`);
    const [, from, to] = /^L_(n\d+)_(n\d+)_\d+$/.exec(id);
    return { from, to, label: words(label), marks: marks(label) };
  });
  return { securityLevel, maxTextSize, maxEdges, nodes, edges };
}

const browser = await chromium.launch({ executablePath, args });
try {
  const page = await browser.newPage();
  const faults = [];
  page.on("pageerror", (error) => faults.push(error.message));
  page.on("dialog", (dialog) => { faults.push(`dialog ${dialog.message()}`); dialog.dismiss(); });
  page.on("request", (request) => faults.push(`request to ${request.url()}`));
  await page.setContent('<!doctype html><html lang="zh"><meta charset="utf-8"><body></body></html>');
  await page.addScriptTag({ path: bundle });
  const drawn = [];
  for (const file of process.argv.slice(2)) {
    const seen = await page.evaluate(draw, readFileSync(file, "utf8"));
    drawn.push({ ...seen, faults: faults.splice(0) });
  }
  process.stdout.write(JSON.stringify(drawn));
} finally {
  await browser.close();
}
