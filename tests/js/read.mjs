// Reads one export with the library that the tool itself uses and prints what arrived, as JSON.
// node read.mjs gexf|gexf-lite|graphml|cyjs|vega FILE
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";

const [, , format, file] = process.argv;
const text = readFileSync(file, "utf8");

async function graphology(module, options) {
  const { MultiDirectedGraph, default: Graph } = await import("graphology");
  const reader = (await import(module)).default;
  const graph = reader.parse(Graph ?? MultiDirectedGraph, text, options);
  return {
    type: graph.type,
    multi: graph.multi,
    attributes: graph.getAttributes(),
    nodes: graph.mapNodes((id, attributes) => ({ id, ...attributes })),
    edges: graph.mapEdges((id, attributes, source, target) => ({ ...attributes, id, from: source, to: target })),
  };
}

async function cytoscape() {
  const cytoscape = (await import("cytoscape")).default;
  const made = cytoscape({ headless: true, ...JSON.parse(text) });
  return {
    nodes: made.nodes().map((node) => ({ ...node.data(), position: node.position() })),
    edges: made.edges().map((edge) => ({ ...edge.data(), from: edge.data("source"), to: edge.data("target") })),
  };
}

async function vega() {
  const { compile } = await import("vega-lite");
  const { View, parse, loader } = await import("vega");
  const compiled = compile(JSON.parse(text)).spec;
  const local = loader();
  local.load = async (url) => readFileSync(join(dirname(file), url), "utf8");
  const view = new View(parse(compiled), { renderer: "none", loader: local });
  await view.runAsync();
  const names = compiled.data.map((set) => set.name);
  const rows = Object.fromEntries(names.map((name) => [name, view.data(name)]));
  return { names, rows, svg: await view.toSVG() };
}

// what Gephi Lite passes; the plain call shows what the defaults do
const lite = { allowUndeclaredAttributes: true, addMissingNodes: false };
const readers = {
  gexf: () => graphology("graphology-gexf", lite),
  graphml: () => graphology("graphology-graphml", { addMissingNodes: false }),
  cyjs: cytoscape,
  vega,
};
process.stdout.write(JSON.stringify(await readers[format]()));
