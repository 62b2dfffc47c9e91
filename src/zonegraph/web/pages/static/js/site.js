// What every page does with a script: suggestions, sources beside the facts, copying, drawing a graph on demand.
import { suggest } from "./suggest.js";
import { sheet } from "./sheet.js";

document.querySelectorAll("input[data-suggest]").forEach(suggest);
sheet(document.getElementById("source-sheet"));

document.querySelectorAll("button[data-copy]").forEach((button) => {
  if (!navigator.clipboard) return;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const label = button.textContent;
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
    button.textContent = button.dataset.done;
    setTimeout(() => { button.textContent = label; }, 1600);
  });
});

document.querySelectorAll("[data-graph]").forEach(async (box) => {
  const button = box.querySelector("[data-do=draw]");
  const start = async () => {
    button.hidden = true;
    box.querySelector(".status").textContent = box.dataset.loading;
    try {
      const { draw } = await import(box.dataset.script);
      await draw(box);
    } catch (error) {
      box.querySelector(".status").textContent = box.dataset.failed;
      button.hidden = false;
    }
  };
  if ("auto" in box.dataset) return start();
  button.hidden = false;
  button.addEventListener("click", start);
});
