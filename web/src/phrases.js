// The words of yasgui in the language of the page: it has no catalogue, so they are looked for where it writes them.
const ATTRIBUTES = ["title", "aria-label", "placeholder"];
/** What people wrote, and what the graph says. */
const THEIRS = ".CodeMirror-scroll, .CodeMirror-hints, td:not(.dt-empty), .dt-column-title, .result-picture, svg text";
const escape = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** A function from their words to ours; text that is not known comes back as it is. */
export function translator(phrases) {
  const fixed = new Map(Object.entries(phrases).filter(([text]) => !text.includes("{")));
  const open = Object.entries(phrases).filter(([text]) => text.includes("{")).map(([text, ours]) => {
    const names = [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    return { pattern: new RegExp(`^${text.split(/\{\w+\}/).map(escape).join("(.+?)")}$`), names, ours };
  });
  return function translate(text) {
    const known = fixed.get(text);
    if (known !== undefined) return known;
    for (const { pattern, names, ours } of open) {
      const found = pattern.exec(text);
      if (found) return names.reduce((said, name, at) => said.replace(`{${name}}`, () => fixed.get(found[at + 1]) ?? found[at + 1]), ours);
    }
    return text;
  };
}

/** Say everything below an element in our words. */
export function say(root, translate) {
  const nodes = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  for (let node = nodes.nextNode(); node; node = nodes.nextNode()) {
    if (node.parentElement.closest(THEIRS)) continue;
    const text = node.data.trim();
    const ours = text && translate(text);
    if (ours && ours !== text) node.data = node.data.replace(text, () => ours);
  }
  for (const element of root.querySelectorAll(ATTRIBUTES.map((name) => `[${name}]`).join())) {
    if (element.closest(THEIRS)) continue;
    for (const name of ATTRIBUTES) {
      const text = element.getAttribute(name);
      const ours = text && translate(text);
      if (ours && ours !== text) element.setAttribute(name, ours);
    }
  }
}
