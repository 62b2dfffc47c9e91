// Sources beside the fact: the link leads to a page; with a script its content opens over this one.
export function sheet(dialog) {
  if (!dialog?.showModal) return;
  const body = dialog.querySelector(".sheet-body");
  document.addEventListener("click", async (event) => {
    const link = event.target.closest("a[data-source]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    const address = new URL(link.href);
    address.searchParams.set("part", "1");
    try {
      const reply = await fetch(address);
      if (!reply.ok) throw new Error(String(reply.status));
      const part = new DOMParser().parseFromString(await reply.text(), "text/html");
      body.replaceChildren(...part.body.childNodes);
      dialog.showModal();
    } catch {
      location.assign(link.href);
    }
  });
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
}
