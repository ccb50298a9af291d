// The web chat works without this file, page by page; with it, without reloading.
"use strict";
(function () {
  const chat = document.querySelector(".chat");
  const log = document.querySelector(".log");
  const status = document.getElementById("status");
  const trouble = document.getElementById("trouble");
  const sayForm = document.getElementById("say-form");
  const say = document.getElementById("say");
  const file = document.getElementById("file");
  let after = Number(chat.dataset.after || 0);
  let source = null;
  let sending = Promise.resolve();

  function tell(text) {
    status.textContent = text;
    if (!text) return;
    const toast = document.createElement("div");
    toast.className = "toast";
    toast.setAttribute("aria-hidden", "true");
    toast.textContent = text;
    document.body.append(toast);
    setTimeout(() => toast.remove(), 4000);
  }

  function complain(text) {
    trouble.textContent = text;
    trouble.hidden = !text;
  }

  function atEnd() {
    return log.scrollHeight - log.scrollTop - log.clientHeight < 160;
  }

  function toEnd() {
    const newest = log.lastElementChild;
    // A message taller than the window is shown from its beginning.
    if (newest && newest.offsetHeight > log.clientHeight) newest.scrollIntoView({ block: "start" });
    else log.scrollTop = log.scrollHeight;
  }

  function place(line) {
    const old = document.getElementById("m" + line.id);
    if (line.deleted) {
      if (old) old.remove();
      return;
    }
    const holder = document.createElement("template");
    holder.innerHTML = line.html.trim();
    const made = holder.content.firstElementChild;
    if (old) {
      const held = old.contains(document.activeElement);
      old.replaceWith(made);
      if (held) made.focus({ preventScroll: true });
      return;
    }
    const later = Array.from(log.querySelectorAll("[data-id]")).find((m) => Number(m.dataset.id) > line.id);
    if (later) later.before(made);
    else log.append(made);
  }

  function apply(answer) {
    if (answer.revision <= after && !answer.toast) return;
    const follow = atEnd();
    let own = false;
    const begin = document.getElementById("begin");
    if (begin && answer.lines.length) begin.remove();
    for (const line of answer.lines) {
      if (line.revision <= after) continue;
      place(line);
      own = own || line.own;
    }
    after = Math.max(after, answer.revision);
    if (follow || own || answer.pressed) toEnd();
    if (answer.toast) tell(answer.toast);
  }

  async function post(url, body) {
    body.append("after", String(after));
    const answer = await fetch(url, {
      method: "POST",
      body: body,
      headers: { Accept: "application/json" },
      credentials: "same-origin",
    });
    if (answer.status === 413) return { error: chat.dataset.large };
    if (!answer.ok) return { error: chat.dataset.failed };
    return answer.json();
  }

  // One after another, so that what is said arrives in the order it was said.
  function queue(url, body, done) {
    sending = sending.then(async () => {
      let answer;
      try {
        answer = await post(url, body);
      } catch (failure) {
        answer = { error: chat.dataset.failed };
      }
      if (answer.reload) {
        location.reload();
        return;
      }
      if (answer.error) complain(answer.error);
      else {
        complain("");
        answer.pressed = true;
        apply(answer);
        listen();
      }
      done(answer);
    });
  }

  document.addEventListener("submit", (event) => {
    const form = event.target;
    const button = event.submitter;
    // Buttons are named "action", so the form's own address is read as an attribute.
    if (!(form.getAttribute("action") || "").startsWith("/chat/")) return;
    event.preventDefault();
    const body = new FormData(form);
    if (button && button.name) body.append(button.name, button.value);
    body.append("nonce", Math.random().toString(36).slice(2));
    if (form === sayForm) {
      const text = say.value;
      if (!text.trim() && !file.files.length) return;
      say.value = "";
      grow();
      queue("/chat/say", body, (answer) => {
        if (answer.error && !say.value) say.value = text;
        else file.value = "";
        grow();
      });
      return;
    }
    if (button) {
      if (button.getAttribute("aria-disabled")) return;
      button.setAttribute("aria-disabled", "true");
    }
    queue(form.getAttribute("action"), body, () => {
      if (button) button.removeAttribute("aria-disabled");
    });
  });

  function grow() {
    say.style.height = "";
    if (say.value) say.style.height = Math.min(say.scrollHeight + 2, 160) + "px";
  }

  say.addEventListener("input", grow);
  say.addEventListener("keydown", (event) => {
    const phone = matchMedia("(pointer: coarse)").matches;
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing && !phone) {
      event.preventDefault();
      sayForm.requestSubmit();
    }
  });
  file.addEventListener("change", () => {
    if (!file.files.length) return;
    if (file.files[0].size > 50 * 1024 * 1024) {
      complain(chat.dataset.large);
      file.value = "";
      return;
    }
    sayForm.requestSubmit();
  });

  function listen() {
    if (source || chat.dataset.past) return;
    source = new EventSource("/chat/events?after=" + after);
    let lost = null;
    source.onopen = () => {
      clearTimeout(lost);
      lost = null;
      complain("");
    };
    source.onmessage = (event) => apply(JSON.parse(event.data));
    source.onerror = () => {
      if (!lost) lost = setTimeout(() => complain(chat.dataset.offline), 4000);
      if (source.readyState === EventSource.CLOSED) {
        source = null;
        setTimeout(listen, 3000);
      }
    };
  }

  window.addEventListener("pagehide", () => {
    if (source) source.close();
    source = null;
  });
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) listen();
  });

  toEnd();
  const begin = document.getElementById("begin");
  if (begin) {
    // A link with «start» is followed once: a reload does not open it again.
    if (location.search) history.replaceState(null, "", "/");
    begin.requestSubmit();
  } else listen();
})();
