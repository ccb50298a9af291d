// Rows of a table dragged into a new order; the arrows do the same without a mouse.
(() => {
  "use strict";
  for (const body of document.querySelectorAll("tbody[data-order]")) {
    let moving = null;
    const order = () => [...body.rows].map((row) => row.dataset.id).join(",");
    let before = order();
    for (const row of body.rows) {
      const handle = row.querySelector("th");
      handle.addEventListener("pointerdown", () => { row.draggable = true; });
      row.addEventListener("dragstart", (event) => {
        moving = row;
        event.dataTransfer.effectAllowed = "move";
        event.dataTransfer.setData("text/plain", row.dataset.id);
      });
      row.addEventListener("dragover", (event) => {
        if (!moving) return;
        event.preventDefault();
        const box = row.getBoundingClientRect();
        if (row !== moving) row[event.clientY > box.top + box.height / 2 ? "after" : "before"](moving);
      });
      row.addEventListener("dragend", async () => {
        moving = null;
        row.draggable = false;
        if (order() === before) return;
        before = order();
        await fetch(body.dataset.order, { method: "POST", body: new URLSearchParams({ order: before }) });
        window.location.reload();
      });
    }
  }
})();
