// A text field with suggestions (the combobox pattern of the ARIA practices). Without it the form still works.
let count = 0;

export function suggest(input) {
  const list = document.createElement("ul");
  const live = document.createElement("span");
  list.id = `suggestions-${(count += 1)}`;
  list.className = "popup";
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", input.dataset.label || "");
  live.className = "sr";
  live.setAttribute("role", "status");
  const attributes = { role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id };
  for (const [name, value] of Object.entries(attributes)) input.setAttribute(name, value);
  input.after(list, live);
  const state = { input, list, live, items: [], chosen: -1, asked: null, timer: 0 };
  if (input.dataset.value) hold(input, input.dataset.value);
  input.addEventListener("input", () => { release(input); later(state); });
  input.addEventListener("keydown", (event) => onKey(state, event));
  input.addEventListener("blur", () => setTimeout(() => close(state), 150));
}

function later(state) {
  clearTimeout(state.timer);
  state.timer = setTimeout(() => ask(state), 120);
}

async function ask(state) {
  state.asked?.abort();
  const text = state.input.value.trim();
  if (!text) return close(state);
  state.asked = new AbortController();
  const address = new URL(state.input.dataset.suggest, location.href);
  address.searchParams.set("q", text);
  if (state.input.dataset.type) address.searchParams.set("type", state.input.dataset.type);
  try {
    const reply = await fetch(address, { signal: state.asked.signal, headers: { Accept: "application/json" } });
    if (reply.ok) show(state, (await reply.json()).items);
  } catch (error) {
    if (error.name !== "AbortError") close(state);
  }
}

function show(state, items) {
  state.items = items;
  state.chosen = -1;
  state.list.replaceChildren(...items.map((item, index) => option(state, item, index)));
  state.list.hidden = items.length === 0;
  state.input.setAttribute("aria-expanded", String(items.length > 0));
  state.input.removeAttribute("aria-activedescendant");
  state.live.textContent = (state.input.dataset.count || "#").replace("#", items.length);
}

function option(state, item, index) {
  const line = document.createElement("li");
  line.id = `${state.list.id}-${index}`;
  line.setAttribute("role", "option");
  line.setAttribute("aria-selected", "false");
  line.append(textOf(item.title, item.lang), small(item.kind));
  if (item.matched) line.append(document.createElement("br"), small(item.matched, item.matchedLang));
  line.addEventListener("mousedown", (event) => { event.preventDefault(); take(state, index); });
  return line;
}

function textOf(text, lang) {
  const span = document.createElement("span");
  span.textContent = text;
  if (lang) span.lang = lang;
  return span;
}

function small(text, lang) {
  const element = document.createElement("small");
  element.textContent = text;
  if (lang) element.lang = lang;
  return element;
}

function onKey(state, event) {
  const last = state.items.length - 1;
  if (event.key === "Escape") return close(state);
  if (state.list.hidden) return undefined;
  if (event.key === "ArrowDown") choose(state, state.chosen >= last ? 0 : state.chosen + 1);
  else if (event.key === "ArrowUp") choose(state, state.chosen <= 0 ? last : state.chosen - 1);
  else if (event.key === "Enter" && state.chosen >= 0) take(state, state.chosen);
  else return undefined;
  event.preventDefault();
  return undefined;
}

function choose(state, index) {
  state.chosen = index;
  [...state.list.children].forEach((line, at) => {
    line.setAttribute("aria-selected", String(at === index));
    if (at === index) {
      state.input.setAttribute("aria-activedescendant", line.id);
      line.scrollIntoView({ block: "nearest" });
    }
  });
}

function take(state, index) {
  const item = state.items[index];
  close(state);
  if ("follow" in state.input.dataset) {
    location.assign(item.href);
    return;
  }
  state.input.value = item.title;
  hold(state.input, item.value);
}

// the form sends the thing that was chosen, not its name, until the text is changed again
function hold(input, value) {
  release(input);
  const hidden = document.createElement("input");
  hidden.type = "hidden";
  hidden.name = input.name;
  hidden.value = value;
  hidden.dataset.held = "";
  input.dataset.name = input.name;
  input.removeAttribute("name");
  input.after(hidden);
}

function release(input) {
  if (!input.dataset.name) return;
  input.parentElement.querySelector("input[data-held]")?.remove();
  input.name = input.dataset.name;
  delete input.dataset.name;
}

function close(state) {
  state.list.hidden = true;
  state.items = [];
  state.input.setAttribute("aria-expanded", "false");
  state.input.removeAttribute("aria-activedescendant");
}
