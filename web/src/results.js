// Query results as graph, map and chart.
const local = (iri) => decodeURIComponent(iri.replace(/[#/]+$/, "").split(/[#/]/).pop() || iri);
const page = (iri) => {
  const ours = [["https://w3id.org/zonegraph/id/", "/doc/"], ["https://w3id.org/zonegraph/code/", "/code/"], ["https://w3id.org/zonegraph/ontology#", "/ontology#"]];
  const hit = ours.find(([space]) => iri.startsWith(space));
  return hit ? hit[1] + iri.slice(hit[0].length) : "";
};

/** Nodes and edges: triples of a CONSTRUCT, or neighbouring columns of things in a SELECT. */
export function network(results) {
  const nodes = new Map();
  const edges = [];
  const node = (iri, label, group) => {
    const own = nodes.get(iri) || { id: iri, label: label || local(iri), kind: "", group: group || "Other", degree: 0, href: page(iri) || "#" };
    if (label) own.label = label;
    nodes.set(iri, own);
    return own;
  };
  const join = (a, b, label) => {
    a.degree += 1;
    b.degree += 1;
    edges.push({ id: `${a.id}|${label}|${b.id}|${edges.length}`, source: a.id, target: b.id, label });
  };
  const statements = results.getStatements?.() || [];
  if (statements.length) {
    const labels = statements.filter((s) => /#(label|prefLabel)$/.test(s.predicate.value) && s.object.termType === "Literal");
    for (const s of statements.slice(0, 1500)) {
      if (s.object.termType !== "NamedNode") continue;
      join(node(s.subject.value), node(s.object.value), local(s.predicate.value));
    }
    for (const s of labels) if (nodes.has(s.subject.value)) nodes.get(s.subject.value).label = s.object.value;
  } else {
    const variables = results.getVariables() || [];
    for (const row of (results.getBindings() || []).slice(0, 800)) {
      const things = variables.filter((name) => row[name]?.type === "uri");
      const made = things.map((name, at) => node(row[name].value, row[`${name}Label`]?.value, ["FunctionalZone", "Enterprise", "Organization", "Place", "Person"][at % 5]));
      made.slice(1).forEach((other, at) => join(made[0], other, things[at + 1]));
    }
  }
  return { nodes: [...nodes.values()], edges };
}

const COORDINATES = /POINT\s*\(\s*(-?[\d.]+)\s+(-?[\d.]+)\s*\)/i;

/** Points: columns of latitude and longitude, or well-known text. */
export function positions(results) {
  const variables = results.getVariables?.() || [];
  const named = (test) => variables.find((name) => test.test(name));
  const [lat, long] = [named(/^lat(itude)?$/i), named(/^(long|lon|lng|longitude)$/i)];
  const rows = results.getBindings?.() || [];
  const label = variables.find((name) => /label$/i.test(name)) || variables.find((name) => rows[0]?.[name]?.type === "uri") || variables[0];
  const features = [];
  for (const row of rows) {
    const wkt = variables.map((name) => COORDINATES.exec(row[name]?.value || "")).find(Boolean);
    const at = wkt ? [Number(wkt[1]), Number(wkt[2])] : [Number(row[long]?.value ?? NaN), Number(row[lat]?.value ?? NaN)];
    if (!at.every(Number.isFinite)) continue;
    const thing = variables.map((name) => row[name]).find((value) => value?.type === "uri");
    const text = row[label]?.value || "";
    features.push({ type: "Feature", geometry: { type: "Point", coordinates: at }, properties: { name: row[label]?.type === "uri" ? local(text) : text, page: thing ? page(thing.value) : "", route: rows.length < 60 } });
  }
  return features;
}

function table(results) {
  const columns = results.getVariables?.() || [];
  const rows = (results.getBindings?.() || []).map((row) => Object.fromEntries(columns.map((name) => [name, row[name] ? (row[name].type === "uri" ? local(row[name].value) : row[name].value) : undefined])));
  return { columns, rows };
}

function glyph(path) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("class", "drawn");
  const line = document.createElementNS("http://www.w3.org/2000/svg", "path");
  line.setAttribute("d", path);
  svg.append(line);
  return svg;
}

class Picture {
  constructor(yasr) {
    this.yasr = yasr;
    this.priority = 5;
  }

  canHandleResults() { return Boolean(this.yasr.results) && this.fits(this.yasr.results); }

  async draw() {
    this.destroy();
    const box = document.createElement("div");
    box.className = "result-picture";
    this.yasr.resultsEl.replaceChildren(box);
    // what a table that was still being drawn has left
    this.yasr.pluginControls.replaceChildren();
    await this.paint(box, this.yasr.results);
    box.dataset.drawn = "true";
  }

  destroy() {
    this.cy?.destroy();
    this.cy = undefined;
  }

  getIcon() { return glyph(this.path); }
}

/** The plug-ins by name, with labels in the language of the page. */
export function plugins({ words }) {
  class Graph extends Picture {
    label = words.graph;
    path = "M6 17a3 3 0 1 0 .1 0M18 17a3 3 0 1 0 .1 0M12 3a3 3 0 1 0 .1 0M8 15l3-6M16 15l-3-6M9 20h6";
    fits(results) { return network(results).edges.length > 0; }
    async paint(box, results) {
      const { picture } = await import("./graph.js");
      box.classList.add("tall");
      // another answer may have come while the script was loaded
      if (box.isConnected) this.cy = picture(box, network(results));
    }
  }
  class Map extends Picture {
    label = words.map;
    path = "M3 6l6-2 6 2 6-2v14l-6 2-6-2-6 2zM9 4v14M15 6v14";
    fits(results) { return positions(results).length > 0; }
    async paint(box, results) {
      const { show } = await import("./map.js");
      box.classList.add("tall");
      if (box.isConnected) show(box, positions(results), words.map);
    }
  }
  class Chart extends Picture {
    label = words.chart;
    path = "M4 20V4M4 20h17M8 20v-6M13 20V9M18 20V6";
    fits(results) {
      const { columns, rows } = table(results);
      return rows.length > 0 && columns.some((name) => rows.some((row) => row[name])
        && rows.every((row) => row[name] === undefined || (row[name] !== "" && Number.isFinite(Number(row[name])))));
    }
    async paint(box, results) {
      const { chart } = await import("./charts.js");
      const { columns, rows } = table(results);
      const kind = /#\s*defaultView\s*:\s*Bar/i.test(document.querySelector(".yasqe .CodeMirror")?.CodeMirror?.getValue() || "") ? "bar" : "line";
      if (!(await chart(box, columns, rows, kind))) box.textContent = "–";
    }
  }
  return { Graph, Map, Chart };
}
