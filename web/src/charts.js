// Charts of query results, drawn by Vega on a canvas; its expressions are interpreted, so no code is made from text.
import * as vega from "vega";
import { expressionInterpreter } from "vega-interpreter";
import { compile } from "vega-lite";

const paint = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const TIME = /^-?\d{4}(-\d{2}(-\d{2}.*)?)?$/;

/** What to draw from rows: the first column that is no number or time across, numbers up, a further name as colour. */
export function fields(columns, rows) {
  const filled = (name) => rows.map((row) => row[name]).filter((value) => value !== undefined && value !== "");
  const is = (test) => columns.filter((name) => filled(name).length > 0 && filled(name).every(test));
  const times = is((value) => TIME.test(value) && (value.length > 4 || (value > 1500 && value < 2200)));
  const numbers = is((value) => value.trim() !== "" && Number.isFinite(Number(value))).filter((name) => !times.includes(name));
  const names = columns.filter((name) => !times.includes(name) && !numbers.includes(name) && filled(name).length > 0);
  return { time: times[0], number: numbers[0], name: names.find((name) => /label$/i.test(name)) || names[0] };
}

// dates in digits, which every reader reads; one tick a year where only years are known
function ticks(times) {
  return times.every((time) => !time || time.length === 4) ? { format: "%Y", tickCount: "year", labelOverlap: true } : { format: "%Y-%m", labelOverlap: true };
}

function spec({ time, number, name }, rows, kind, width) {
  const text = paint("--ink");
  const axis = { labelColor: text, titleColor: paint("--soft"), gridColor: paint("--line"), domainColor: paint("--line"), tickColor: paint("--line"), labelLimit: 220 };
  const line = kind === "line" || (kind !== "bar" && Boolean(time));
  const x = line ? { field: time, type: "temporal", title: time, scale: { type: "utc" }, axis: ticks(rows.map((row) => row[time])) } : { field: number, type: "quantitative", title: number };
  const y = line ? { field: number, type: "quantitative", title: number } : { field: name || time, type: "nominal", sort: "-x", title: name || time };
  const encoding = { x, y, tooltip: [{ field: line ? time : name || time }, { field: number }] };
  if (line && name) encoding.color = { field: name, type: "nominal" };
  return {
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    data: { values: rows.map((row) => ({ ...row, [number]: Number(row[number]) })) },
    mark: line ? { type: "line", point: !name ? { color: paint("--c0") } : true, ...(name ? {} : { color: paint("--c0") }) } : { type: "bar", color: paint("--accent") },
    encoding,
    width: Math.max(240, width),
    autosize: { type: "fit-x", contains: "padding" },
    ...(line ? { height: 320 } : {}),
    background: null,
    config: { axis, legend: { labelColor: text, titleColor: paint("--soft") }, view: { stroke: null }, font: getComputedStyle(document.body).fontFamily,
      range: { category: ["--c0", "--c1", "--c2", "--c3", "--c4", "--c5"].map(paint) } },
  };
}

/** A chart in an element; false when the rows hold nothing to draw. */
export async function chart(container, columns, rows, kind) {
  const found = fields(columns, rows);
  if (!found.number || !(found.time || found.name)) return false;
  const { spec: compiled } = compile(spec(found, rows, found.time ? kind : "bar", container.clientWidth || 800), { logger: vega.logger(vega.Error) });
  const runtime = vega.parse(compiled, null, { ast: true });
  const view = new vega.View(runtime, { expr: expressionInterpreter, renderer: "canvas", container, hover: false });
  await view.runAsync();
  return true;
}
