// Small comforts. Every act works without this file: forms post, dialogs open by :target, counters are only hints.
(() => {
  "use strict";
  const $ = (sel, root = document) => root.querySelector(sel);
  const $$ = (sel, root = document) => [...root.querySelectorAll(sel)];
  const typing = (el) => el && (/^(INPUT|TEXTAREA|SELECT)$/.test(el.tagName) || el.isContentEditable);

  // Dialogs: a link to #id of a <dialog> opens it as a modal: focus stays inside, Escape closes, focus returns.
  const open = (dialog) => {
    if (!dialog.open) dialog.showModal();
    const first = $("[autofocus], .btn-primary, input:not([type=hidden]), button", dialog);
    if (first) first.focus({ preventScroll: true }); // a long sheet begins at its top
  };
  const byHash = () => {
    const dialog = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (dialog && dialog.tagName === "DIALOG") {
      history.replaceState(null, "", location.pathname + location.search);
      open(dialog);
    }
  };

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#']");
    const close = event.target.closest("[data-close]");
    if (close && close.closest("dialog")) {
      event.preventDefault();
      close.closest("dialog").close();
      return;
    }
    if (link && link.hash.length > 1) {
      const target = document.getElementById(link.hash.slice(1));
      if (target && target.tagName === "DIALOG") {
        event.preventDefault();
        open(target);
        return;
      }
    }
    const copy = event.target.closest("[data-copy]");
    if (copy) return void copyText(copy);
    for (const menu of $$("details[data-menu][open]")) if (!menu.contains(event.target)) menu.open = false;
  });

  async function copyText(button) {
    const source = $(button.dataset.copy);
    const label = [...button.childNodes].find((node) => node.nodeType === 3) || button.lastChild;
    const before = label.textContent;
    try {
      await navigator.clipboard.writeText((source.dataset.text || source.value || source.textContent).trim());
    } catch {
      return source.select ? source.select() : getSelection().selectAllChildren(source); // no permission: selected, to be copied by hand
    }
    label.textContent = button.dataset.copied;
    setTimeout(() => { label.textContent = before; }, 2000);
  }

  // Asked once before an act that has no sheet of its own.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.dataset.confirm && !window.confirm(form.dataset.confirm)) return event.preventDefault();
    if (form.method === "post" && !form.hasAttribute("hx-post")) {
      if (form.dataset.sent) return event.preventDefault(); // a second click sends nothing twice
      form.dataset.sent = "1";
      setTimeout(() => delete form.dataset.sent, 4000);
    }
  });

  document.addEventListener("input", (event) => {
    const counter = event.target.dataset && event.target.dataset.counter;
    if (counter) count(event.target, document.getElementById(counter));
  });
  const count = (area, line) => {
    const left = area.maxLength - area.value.length;
    line.textContent = line.dataset.words.replace("{n}", String(left));
  };

  document.addEventListener("change", (event) => {
    const box = event.target;
    const group = box.closest("[data-checks]");
    if (group) {
      const all = $("[data-all]", group);
      const rest = $$("input[type=checkbox]:not([data-all]):not(:disabled)", group);
      if (box === all) rest.forEach((one) => { one.checked = all.checked; });
      else if (all) {
        all.checked = rest.every((one) => one.checked);
        all.indeterminate = !all.checked && rest.some((one) => one.checked);
      }
    }
    const drop = box.type === "file" && box.closest("[data-drop]");
    if (drop) preview(box, drop);
  });

  // Pictures are shown from memory before they are sent; nothing leaves the page here.
  function preview(input, drop) {
    const limit = Number(drop.dataset.limit);
    const list = $("[data-preview]", drop);
    const words = $("[data-chosen]", drop);
    const note = $("[data-too-many]", drop);
    list.querySelectorAll("img").forEach((img) => URL.revokeObjectURL(img.src));
    if (input.files.length > limit) {
      const kept = new DataTransfer();
      [...input.files].slice(0, limit).forEach((file) => kept.items.add(file));
      input.files = kept.files;
      note.textContent = note.dataset.tooMany.replace("{n}", String(limit));
    }
    list.replaceChildren(...[...input.files].map((file) => {
      const item = document.createElement("li");
      item.className = "grid gap-1 text-xs text-muted";
      if (file.type.startsWith("image/")) {
        const img = document.createElement("img");
        img.className = "h-20 w-full rounded-md border border-hair object-cover";
        img.alt = "";
        img.src = URL.createObjectURL(file);
        item.append(img);
      }
      const name = document.createElement("span");
      name.className = "truncate";
      name.textContent = file.name;
      item.append(name);
      return item;
    }));
    words.textContent = words.dataset.chosen.replace("{n}", String(input.files.length));
  }

  // Desk: J K move, E claims, / searches, ? shows the keys, digits choose the outcome, Ctrl or Cmd + Enter sends.
  document.addEventListener("keydown", (event) => {
    if ((event.metaKey || event.ctrlKey) && event.key === "Enter") {
      const form = event.target.closest && event.target.closest("form[data-send-key]");
      if (form) form.requestSubmit();
      return;
    }
    if (event.metaKey || event.ctrlKey || event.altKey) return;
    if (typing(event.target) && !/^(radio|checkbox)$/.test(event.target.type)) return;
    const key = event.key.toLowerCase();
    if (key === "j" || key === "k") return move(key === "j" ? 1 : -1, event);
    const row = document.activeElement.closest("[data-scope]"); // an act on the row that J and K have reached
    const inRow = row && $$("[data-row-key]", row).find((el) => el.dataset.rowKey === key);
    const target = inRow || $$("[data-key]").find((el) => el.dataset.key.toLowerCase() === key && el.offsetParent !== null || el.type === "radio" && el.dataset.key === key);
    if (!target) return;
    event.preventDefault();
    if (target.tagName === "TEXTAREA" || target.tagName === "INPUT" && target.type !== "radio") target.focus();
    else target.click();
  });
  function move(step, event) {
    const rows = $$("[data-row]");
    if (!rows.length) return;
    event.preventDefault();
    const at = rows.indexOf(document.activeElement);
    const from = at >= 0 ? at : rows.findIndex((row) => row.getAttribute("aria-current"));
    rows[Math.max(0, Math.min(rows.length - 1, from + step))].focus();
  }

  // Beside a form (data-hide-here) the key alone goes, and not what is being typed; a reload shows the page without it.
  const hide = (el) => {
    if (!el.dataset.hideHere) return location.replace(location.pathname + location.search);
    history.replaceState(null, "", el.dataset.hideHere);
    el.replaceChildren();
  };
  // A key shown in full goes back behind its mask after the time the page has promised.
  const start = (root) => {
    $$("[data-needs-js], [data-copy]", root).forEach((el) => { el.hidden = false; });
    $$("[data-counter]", root).forEach((el) => count(el, document.getElementById(el.dataset.counter)));
    $$("[data-hide-after]", root).forEach((el) => {
      setTimeout(() => hide(el), Number(el.dataset.hideAfter) * 1000);
    });
    $$("dialog[open]", root).forEach((dialog) => { dialog.close(); open(dialog); });
    const summary = $("#error-summary", root);
    if (summary) summary.focus();
  };
  // What renews itself waits while the keyboard is in it: a swap would throw the focus to the top of the page.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { target, elt } = event.detail;
    if (elt === target && /^every /.test(elt.getAttribute("hx-trigger")) && target.contains(document.activeElement)) {
      event.detail.shouldSwap = false;
    }
  });
  window.addEventListener("hashchange", byHash);
  document.addEventListener("DOMContentLoaded", () => { start(document); byHash(); });
  document.addEventListener("htmx:load", (event) => { if (event.detail.elt !== document.body) start(event.detail.elt); });
})();
