// Drawings of things and what joins them: the graph page, the neighbourhood on the page of a thing, query results.
import cytoscape from "cytoscape";
import fcose from "cytoscape-fcose";

cytoscape.use(fcose);

const HUES = {
  IntegratedUnit: ["#a4331f", "#f09a85"],
  FunctionalZone: ["#b8791f", "#e2b35c"],
  AdministrativeDivision: ["#33713f", "#8cc998"],
  TransportNode: ["#2a6a86", "#7fbcd6"],
  Place: ["#6a8f3c", "#b4d086"],
  Enterprise: ["#3c5aa0", "#96b1ef"],
  Organization: ["#5b4a8f", "#b3a3e6"],
  Person: ["#80506b", "#d9a3bf"],
  Initiative: ["#7a6a55", "#cbb99f"],
  Code: ["#75716a", "#a5a19a"],
  Other: ["#75716a", "#a5a19a"],
};

const HAN = /[\u2e80-\u9fff]/;
const dark = () => matchMedia("(prefers-color-scheme: dark)").matches;
const paint = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const hue = (group) => (HUES[group] || HUES.Other)[dark() ? 1 : 0];

function style() {
  const font = getComputedStyle(document.body).fontFamily;
  const text = { "font-family": font, color: paint("--ink"), "text-outline-color": paint("--sheet"), "text-outline-width": 2 };
  return [
    { selector: "node", style: { ...text, label: "data(label)", "font-size": (n) => 12 + 1.5 * Math.sqrt(n.data("degree") || 1), "text-wrap": "wrap", "text-max-width": (n) => 120 + 10 * Math.sqrt(n.data("degree") || 1), "text-overflow-wrap": (n) => (HAN.test(n.data("label")) ? "anywhere" : "whitespace"), "min-zoomed-font-size": 7,
      "text-valign": "bottom", "text-margin-y": 4, width: "data(size)", height: "data(size)",
      "background-color": (n) => hue(n.data("group")) } },
    { selector: "edge", style: { ...text, width: 1.3, "line-color": paint("--line"), "curve-style": "bezier", "font-size": 9,
      "target-arrow-shape": "triangle", "arrow-scale": .7, "target-arrow-color": paint("--line"), color: paint("--soft"),
      "text-rotation": "autorotate" } },
    { selector: "edge.near", style: { label: "data(label)", "line-color": paint("--accent"), "target-arrow-color": paint("--accent") } },
    { selector: "node.center, node:selected", style: { "border-width": 3, "border-color": paint("--accent"), "font-weight": "bold" } },
    { selector: ".far", style: { opacity: .22 } },
  ];
}

function elements({ nodes, edges }) {
  const size = (degree) => 14 + 6 * Math.sqrt(degree || 1);
  return [
    ...nodes.map((n) => ({ group: "nodes", data: { ...n, size: size(n.degree) }, classes: n.center ? "center" : "" })),
    ...edges.map((e) => ({ group: "edges", data: e })),
  ];
}

function layout(cy, options = {}) {
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  return cy.layout({ name: "fcose", quality: "default", animate: !still, animationDuration: 500, randomize: true, padding: 30,
    nodeDimensionsIncludeLabels: true, nodeRepulsion: 30000, idealEdgeLength: 95, nodeSeparation: 120, gravity: .3, packComponents: true, ...options }).run();
}

/** A drawing in an element; `data` has nodes and edges as /graph/data gives them. */
export function picture(container, data) {
  stand();
  const cy = cytoscape({ container, elements: elements(data), style: style(), minZoom: .1, maxZoom: 4,
    layout: { name: "grid" } });
  layout(cy, { animate: false });
  near(cy);
  cy.on("select unselect", "node", () => emphasise(cy));
  cy.on("dbltap", "node", (event) => { location.href = event.target.data("href"); });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => cy.style(style()));
  return cy;
}

// where all of it would be too small to read, the best connected thing stands in the middle and the rest is moved to
const READABLE = .62;
function near(cy) {
  if (cy.width() >= 520 || cy.zoom() >= READABLE || cy.nodes().empty()) return;
  const hub = cy.nodes(".center").nonempty() ? cy.nodes(".center").first() : cy.nodes().max((n) => n.data("degree")).ele;
  cy.zoom(READABLE);
  cy.center(hub);
}

// cytoscape would write a style element into the page, which the page's policy forbids; its one rule is in our sheet
function stand() {
  const id = "__________cytoscape_stylesheet";
  if (document.getElementById(id)) return;
  const link = document.createElement("meta");
  link.id = id;
  document.head.append(link);
}

function legend(box, nodes) {
  const kinds = new Map();
  for (const { group, kind } of nodes) if (kind && !kinds.has(group)) kinds.set(group, kind);
  const list = box.querySelector(".legend") || document.createElement("ul");
  list.className = "legend";
  list.replaceChildren(...[...kinds].map(([group, kind]) => {
    const line = document.createElement("li");
    const dot = document.createElement("span");
    dot.style.backgroundColor = hue(group);
    line.append(dot, kind);
    return line;
  }));
  box.querySelector(".canvas").after(list);
}

function emphasise(cy) {
  const chosen = cy.$("node:selected");
  cy.elements().removeClass("near far");
  if (chosen.empty()) return;
  const near = chosen.closedNeighborhood();
  cy.elements().not(near).addClass("far");
  chosen.connectedEdges().addClass("near");
}

async function load(address) {
  const reply = await fetch(address, { headers: { Accept: "application/json" } });
  if (!reply.ok) throw new Error(`${reply.status}`);
  return reply.json();
}

function merge(cy, data, around) {
  const fresh = elements(data).filter((e) => cy.getElementById(e.data.id).empty());
  const at = around.position();
  fresh.forEach((e) => { if (e.group === "nodes") e.position = { x: at.x + Math.random() * 80 - 40, y: at.y + Math.random() * 80 - 40 }; });
  cy.add(fresh);
  layout(cy, { randomize: false });
  return fresh.filter((e) => e.group === "nodes").length;
}

/** The drawing of a page: the box holds the canvas, the buttons and a line that says what happens. */
export async function draw(box) {
  const data = await load(box.dataset.graph);
  const canvas = box.querySelector(".canvas");
  canvas.hidden = false;
  canvas.tabIndex = 0;
  canvas.setAttribute("role", "application");
  canvas.setAttribute("aria-label", box.dataset.label);
  box.querySelector(".tools").hidden = false;
  const cy = picture(canvas, data);
  const status = box.querySelector(".status");
  const state = { box, cy, data, status };
  box.graph = cy;
  box.dataset.drawn = String(cy.nodes().length);
  status.textContent = "";
  legend(box, data.nodes);
  cy.on("select", "node", (event) => tell(state, event.target));
  cy.on("tap", "node", (event) => { if (event.target.selected()) expand(state, event.target); });
  box.querySelectorAll(".tools [data-do]").forEach((button) => {
    button.addEventListener("click", () => act(state, button.dataset.do));
  });
  canvas.addEventListener("keydown", (event) => onKey(state, event));
}

function tell({ box, status }, node) {
  status.textContent = `${box.dataset.selected.replace("#", node.data("label"))} · ${node.data("kind")}`;
}

async function expand(state, node) {
  if (node.data("expanded")) return;
  node.data("expanded", true);
  const address = new URL(state.box.dataset.neighbours, location.href);
  address.searchParams.set("iri", node.id());
  const added = merge(state.cy, await load(address), node);
  state.box.dataset.drawn = String(state.cy.nodes().length);
  state.status.textContent = `${node.data("label")} +${added}`;
  emphasise(state.cy);
}

function act(state, what) {
  const { cy, box, status } = state;
  const chosen = cy.$("node:selected").first();
  if (["expand", "hide", "open"].includes(what) && chosen.empty()) { status.textContent = box.dataset.hint; return; }
  if (what === "expand") expand(state, chosen);
  else if (what === "hide") { chosen.remove(); cy.nodes().filter((n) => n.degree() === 0 && !n.data("center")).remove(); emphasise(cy); }
  else if (what === "open") location.href = chosen.data("href");
  else if (what === "fit") cy.animate({ fit: { padding: 30 }, duration: 250 });
  else if (what === "reset") { cy.elements().remove(); cy.add(elements(state.data)); layout(cy); }
  else if (what === "png") save(cy);
  box.dataset.drawn = String(cy.nodes().length);
}

function save(cy) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(cy.png({ output: "blob", full: true, scale: 2, bg: paint("--sheet") }));
  link.download = "graph.png";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 5000);
}

function onKey(state, event) {
  const { cy } = state;
  const keys = { Enter: "open", e: "expand", Delete: "hide", f: "fit" };
  const nodes = cy.nodes().sort((a, b) => b.data("degree") - a.data("degree"));
  if (event.key === "ArrowRight" || event.key === "ArrowLeft") {
    const at = nodes.toArray().findIndex((n) => n.selected());
    const next = nodes[(at + (event.key === "ArrowRight" ? 1 : nodes.length - 1) + nodes.length) % nodes.length];
    cy.nodes().unselect();
    next?.select();
    cy.animate({ center: { eles: next }, duration: 200 });
  } else if (event.key === "+" || event.key === "-") cy.zoom({ level: cy.zoom() * (event.key === "+" ? 1.25 : .8), renderedPosition: { x: cy.width() / 2, y: cy.height() / 2 } });
  else if (keys[event.key]) act(state, keys[event.key]);
  else return;
  event.preventDefault();
}
