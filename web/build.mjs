// Bundles for the pages, into the Python package. One entry per page that needs one; shared parts are split off.
import { build } from "esbuild";
import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const here = dirname(fileURLToPath(import.meta.url));
const target = join(here, "..", "src", "zonegraph", "web", "pages", "static", "dist");

async function licences(metafile) {
  const names = new Set(Object.keys(metafile.inputs).map((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1]).filter(Boolean));
  const texts = [];
  for (const name of [...names].sort()) {
    const folder = join(here, "node_modules", name);
    const about = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
    const file = (await readdir(folder)).find((entry) => /^(licen[cs]e|copying)/i.test(entry));
    const text = file ? await readFile(join(folder, file), "utf8").catch(() => "") : "";
    texts.push(`${about.name} ${about.version}\n${typeof about.license === "string" ? about.license : ""}\n\n${text.trim()}\n`);
  }
  return texts.join(`\n${"-".repeat(72)}\n\n`);
}

// yasgui's table writes its column grips' style into a style element, which the pages' policy forbids; src/editor.css has it
const withoutStyleElements = {
  name: "without-style-elements",
  setup: ({ onLoad }) => onLoad({ filter: /yasgui\.esm\.js$/ }, async ({ path }) => {
    const text = await readFile(path, "utf8");
    const found = text.replace(/(o\.styleSheet \? o\.styleSheet\.cssText = n : )o\.appendChild\(document\.createTextNode\(n\)\), e\.appendChild\(o\)/, "$1 0");
    if (found === text) throw new Error("yasgui has changed: look at createStyle");
    return { contents: found, loader: "js" };
  }),
};

await rm(target, { recursive: true, force: true });
await mkdir(target, { recursive: true });
const result = await build({
  entryPoints: ["graph", "map", "editor"].map((name) => join(here, "src", `${name}.js`)),
  outdir: target,
  bundle: true,
  splitting: true,
  format: "esm",
  target: ["es2022"],
  minify: true,
  legalComments: "none",
  charset: "utf8",
  metafile: true,
  loader: { ".png": "empty", ".svg": "dataurl" },
  chunkNames: "part-[hash]",
  logLevel: "warning",
  plugins: [withoutStyleElements],
  define: { "process.env.NODE_ENV": '"production"', global: "globalThis" },
});
for (const path of Object.keys(result.metafile.outputs)) {
  const file = join(process.cwd(), path);
  const data = await readFile(file);
  if (data.length > 1024) await writeFile(`${file}.gz`, gzipSync(data, { level: 9 }));
  console.log(`${path.split("/").pop()}\t${data.length}`);
}
await writeFile(join(target, "licences.txt"), await licences(result.metafile));
