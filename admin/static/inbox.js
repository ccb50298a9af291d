// The inbox by keyboard: Alt and arrows go to the neighbouring question, Ctrl and Enter send.
document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key === "Enter") {
    const form = event.target.closest("form[data-send]");
    if (form) {
      event.preventDefault();
      form.requestSubmit(form.querySelector("button[value=answer]"));
    }
    return;
  }
  if (!event.altKey || (event.key !== "ArrowDown" && event.key !== "ArrowUp")) return;
  const links = [...document.querySelectorAll("#queue li a")];
  if (!links.length) return;
  event.preventDefault();
  const here = links.findIndex((link) => link.hasAttribute("aria-current"));
  const next = event.key === "ArrowDown" ? here + 1 : here < 0 ? links.length - 1 : here - 1;
  if (links[next]) links[next].click();
});
