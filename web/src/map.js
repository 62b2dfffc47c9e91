// The map that moves: the same places and routes as the drawing it replaces, on a plain graticule, without tiles.
import * as L from "leaflet";
import "leaflet/dist/leaflet.css";
import "./map.css";

const paint = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function graticule(map) {
  const lines = L.layerGroup().addTo(map);
  for (let long = -180; long <= 180; long += 10) L.polyline([[-80, long], [84, long]], { color: paint("--line"), weight: 1, interactive: false }).addTo(lines);
  for (let lat = -80; lat <= 80; lat += 10) L.polyline([[lat, -180], [lat, 180]], { color: paint("--line"), weight: 1, interactive: false }).addTo(lines);
}

function card({ name, page, kind, when, stops }) {
  const box = document.createElement("div");
  const link = document.createElement(page ? "a" : "b");
  link.textContent = name;
  if (page) link.href = page;
  box.append(link);
  for (const text of [kind, when, stops?.join(" → ")]) {
    if (!text) continue;
    const line = document.createElement("div");
    line.textContent = text;
    box.append(line);
  }
  return box;
}

/** A map of GeoJSON features in an element. */
export function show(container, features, label) {
  const map = L.map(container, { attributionControl: false, worldCopyJump: false, zoomSnap: .5, minZoom: 1, maxZoom: 13 });
  container.setAttribute("role", "application");
  if (label) container.setAttribute("aria-label", label);
  graticule(map);
  const accent = paint("--accent");
  const soft = paint("--soft");
  const layer = L.geoJSON({ type: "FeatureCollection", features }, {
    style: ({ geometry }) => (geometry.type === "Point" ? {} : { color: accent, weight: 2.5, opacity: .65 }),
    pointToLayer: ({ properties: p }, at) => L.circleMarker(at, { radius: p.route ? 6 : 4.5, weight: 1.5, color: paint("--sheet"), fillColor: p.route ? accent : soft, fillOpacity: 1 }),
    onEachFeature: ({ properties, geometry }, item) => {
      item.bindPopup(() => card(properties));
      if (geometry.type === "Point") {
        const text = document.createElement("span");
        text.textContent = properties.name;
        item.bindTooltip(text, { permanent: Boolean(properties.route) && container.clientWidth > 520, direction: "auto", offset: [6, 0], className: "place-name" });
      }
    },
  }).addTo(map);
  const bounds = layer.getBounds();
  if (bounds.isValid()) map.fitBounds(bounds, { padding: [30, 30], maxZoom: 7 });
  else map.setView([44, 80], 3);
  return map;
}

async function start(box) {
  const reply = await fetch(box.dataset.map);
  if (!reply.ok) return;
  const { features } = await reply.json();
  if (!features.length) return;
  const live = document.createElement("div");
  live.className = "map-live";
  box.replaceChildren(live);
  show(live, features, box.dataset.label);
  box.dataset.drawn = String(features.length);
}

document.querySelectorAll("[data-map]").forEach(start);
