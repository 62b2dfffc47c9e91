// The query editor: yasgui on our endpoint only, with our prefixes, terms and examples, and results as pictures.
import Yasgui from "@zazuko/yasgui";
import "@zazuko/yasgui/build/yasgui.min.css";
import "./editor.css";
import { say, translator } from "./phrases.js";
import { plugins } from "./results.js";

const { Yasqe, Yasr } = { Yasqe: Yasgui.Yasqe, Yasr: Yasgui.Yasr };
const VIEW = /#\s*defaultView\s*:\s*([A-Za-z]+)/i;
const VIEWS = { graph: "Graph", map: "Map", linechart: "Chart", barchart: "Chart", areachart: "Chart", scatterchart: "Chart", chart: "Chart", table: "table", timeline: "Chart" };

function completer(data) {
  const by = new Map(data.terms.map((term) => [term.curie, term]));
  const level = (text) => text.toLowerCase();
  return {
    name: "zonegraph",
    bulk: false,
    autoShow: true,
    isValidCompletionPosition: (yasqe) => {
      const text = yasqe.getCompleteToken().string;
      return text.length > 1 && !"?$\"'#<{}()".includes(text[0]);
    },
    get: (_, token) => {
      const text = level((token?.autocompletionString || token?.string || "").trim());
      const score = ({ curie, label }) => {
        const local = level(curie.slice(curie.indexOf(":") + 1));
        if (level(curie).startsWith(text)) return 0;
        if (local.startsWith(text) || level(label).startsWith(text)) return 1;
        return local.includes(text) || level(label).includes(text) ? 2 : 9;
      };
      return data.terms.map((term) => [score(term), term.curie]).filter(([rank]) => rank < 9).sort((a, b) => a[0] - b[0] || a[1].length - b[1].length).slice(0, 40).map(([, curie]) => curie);
    },
    postprocessHints: (yasqe, hints) => hints.map((hint) => ({
      ...hint,
      displayText: `${hint.text}  ${by.get(hint.text)?.label || ""}`,
      hint: (cm, whole, chosen) => {
        cm.replaceRange(chosen.text, chosen.from || whole.from, chosen.to || whole.to, "complete");
        declare(yasqe, chosen.text, data.prefixes);
      },
    })),
  };
}

function declare(yasqe, curie, prefixes) {
  const prefix = curie.slice(0, curie.indexOf(":"));
  if (prefixes[prefix] && !yasqe.getPrefixesFromQuery()[prefix]) yasqe.addPrefixes({ [prefix]: prefixes[prefix] });
}

function configure(data) {
  Yasqe.defaults.prefixCcApi = null;
  Yasqe.defaults.value = data.start;
  Yasgui.defaults.tabName = data.words.tab;
  Yasqe.defaults.autocompleters = Yasqe.defaults.autocompleters.filter((name) => name === "variables" || name === "prefixes");
  const known = Yasqe.Autocompleters?.prefixes;
  const ours = Object.entries(data.prefixes).map(([prefix, iri]) => `${prefix}: <${iri}>`);
  if (known) Yasqe.registerAutocompleter({ ...known, get: ours, persistenceId: null }, true);
  Yasqe.registerAutocompleter(completer(data), true);
  Yasr.defaults.prefixes = data.prefixes;
  for (const [name, plugin] of Object.entries(plugins(data))) Yasr.registerPlugin(name, plugin, true);
  Yasr.prototype.fillFallbackBox = function insteadOf(shown) { this.fallbackInfoEl.replaceChildren(...givenWay(this, shown, data)); };
  Yasr.defaults.errorRenderers = [async (error) => complaint(error, data)];
  Yasr.defaults.pluginOrder = ["table", "Graph", "Map", "Chart", "response"];
}

// which view an answer is shown in when the chosen one cannot; yasgui's own text leads to a manual on another site
function givenWay(yasr, shown, { words, phrases }) {
  if (yasr.plugins[shown]?.hideFromSelection) return [];
  const [name, other] = [yasr.getSelectedPluginName(), shown].map((key) => translator(phrases)(yasr.plugins[key]?.label || key));
  const line = document.createElement("p");
  line.textContent = words.fallback.replace("{name}", () => name).replace("{other}", () => other);
  return [line];
}

function wanted(query) {
  const match = VIEW.exec(query);
  return match ? VIEWS[match[1].toLowerCase()] : undefined;
}

/** What the server says of a query that failed; its words in the language of the page where there are some. */
function complaint({ text }, { words, phrases }) {
  const problem = parsed(text);
  if (!problem?.detail) return undefined;
  const translate = translator(phrases);
  const said = (tag, own) => {
    const line = document.createElement(tag);
    line.textContent = translate(own);
    if (document.documentElement.lang !== "en" && line.textContent === own) line.lang = "en";
    return line;
  };
  const box = document.createElement("div");
  box.setAttribute("role", "alert");
  const heading = document.createElement("b");
  heading.textContent = words.failed;
  box.append(heading, said("p", problem.detail));
  if (problem.hint) box.append(said("p", problem.hint));
  return box;
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

// a query that fails is shown where its answer would stand
const run = (tab) => tab.getYasqe().query().catch(() => {});

function start(box, data) {
  configure(data);
  const endpoint = new URL(box.dataset.endpoint, location.href).href;
  const fromUrl = new URLSearchParams(location.hash.slice(1)).get("query");
  box.hidden = false;
  const yasgui = new Yasgui(box, {
    requestConfig: { endpoint, method: "POST", headers: () => ({}) },
    copyEndpointOnNewTab: true,
    endpointCatalogueOptions: { getData: () => [{ endpoint }], keys: ["endpoint"], renderItem: ({ value }, line) => { line.textContent = value.endpoint; } },
    persistenceId: "zonegraph",
    populateFromUrl: false,
    autofocus: false,
    yasqe: { prefixCcApi: null, resizeable: true, showQueryButton: true, extraKeys: { Tab: false, "Shift-Tab": false, "Ctrl-Enter": (cm) => cm.query() } },
    yasr: { persistenceId: null, defaultPlugin: "table" },
  });
  const put = (query) => {
    const tab = yasgui.getTab() || yasgui.addTab(true);
    tab.setEndpoint?.(endpoint);
    tab.setQuery(query);
    return tab;
  };
  yasgui.on("query", (_, tab) => choose(tab));
  if (fromUrl !== null) run(put(fromUrl));
  for (const link of document.querySelectorAll("[data-example]")) {
    link.addEventListener("click", (event) => {
      const example = data.examples.find(({ name }) => name === link.dataset.example);
      if (!example || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      const tab = put(example.query);
      box.scrollIntoView({ block: "start" });
      run(tab);
    });
  }
  window.addEventListener("hashchange", () => {
    const query = new URLSearchParams(location.hash.slice(1)).get("query");
    if (query) put(query);
  });
  document.querySelector(".plain-query").hidden = true;
  name(box, data);
  box.yasgui = yasgui;
}

// what the components leave without a name for those who do not see them
function name(box, data) {
  const label = (selector, text) => box.querySelectorAll(selector).forEach((one) => {
    if (!one.getAttribute("aria-label") && !one.labels?.length) one.setAttribute("aria-label", text);
  });
  const all = () => {
    label(".CodeMirror textarea", data.words.query);
    label("input.autocomplete", data.words.endpoint);
    label("input:not([type=checkbox])", data.words.filter);
    label("select", data.words.rows);
    label("button:empty, a[role=button]:empty", data.words.more);
    box.querySelectorAll(".tabsList button").forEach((one) => { one.setAttribute("role", "tab"); one.setAttribute("aria-selected", "false"); });
    box.querySelectorAll(".yasr_btn").forEach((one) => one.toggleAttribute("aria-disabled", false));
    box.querySelectorAll(".yasr_btn.disabled").forEach((one) => one.setAttribute("aria-disabled", "true"));
    box.querySelectorAll(".CodeMirror-scroll, .CodeMirror-hscrollbar, .CodeMirror-vscrollbar").forEach((one) => { one.tabIndex = one.matches(".CodeMirror-scroll") ? 0 : -1; });
  };
  const translate = translator(data.phrases);
  // the menu of a tab is written at the end of the page
  const menus = () => document.querySelectorAll("body > .yasgui.context-menu, body > .context-menu").forEach((menu) => say(menu, translate));
  const both = () => { all(); say(box, translate); menus(); };
  both();
  new MutationObserver(both).observe(box, { childList: true, characterData: true, subtree: true, attributeFilter: ["class", "title", "aria-label"] });
  new MutationObserver(menus).observe(document.body, { childList: true });
}

// a plug-in that cannot show what comes gives way to one that can
function choose(tab) {
  const view = wanted(tab.getYasqe().getValue());
  const yasr = tab.getYasr();
  if (view && yasr.plugins[view]) yasr.selectPlugin(view);
}

const box = document.querySelector("[data-editor]");
if (box) {
  fetch(box.dataset.editor).then((reply) => reply.json()).then((data) => start(box, data)).catch((error) => {
    box.hidden = false;
    box.textContent = box.dataset.missing;
    throw error;
  });
}
