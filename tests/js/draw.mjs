// Draws one Vega-Lite chart of an export as SVG: node draw.mjs CHART.vl.json > PICTURE.svg
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { View, loader, parse } from "vega";
import { compile } from "vega-lite";

const [, , file] = process.argv;
const local = loader();
local.load = async (url) => readFileSync(join(dirname(file), url), "utf8");
const view = new View(parse(compile(JSON.parse(readFileSync(file, "utf8"))).spec), { renderer: "none", loader: local });
process.stdout.write((await view.toSVG()) + "\n");
