// The bot's modals: inputs keep what was typed while the view changes under them.

import { $, ask, h } from "./dom.js";
import { one } from "./blocks.js";
import { plainText } from "./mrkdwn.js";
import { store } from "./store.js";

let open = null; // { id, dialog, body, drawn: [{ json, node }], values, ... }

/** Show the view on top, or none. */
export function drawViews() {
  const view = store.views[store.views.length - 1];
  if (!view) return close();
  if (!open || open.id !== view.id || open.user !== store.me) {
    close();
    begin(view);
  }
  patch(view);
  return undefined;
}

function close() {
  if (!open) return;
  open.dialog.close();
  open.dialog.remove();
  open = null;
}

function begin(view) {
  const title = h("h2", { id: "modal-title" });
  const body = h("div", { class: "modal-body" });
  const trouble = h("div", { class: "error general", role: "alert" });
  const cancel = h("button", { type: "button", class: "btn", dataset: { close: "1" }, onclick: () => leave() });
  const submit = h("button", { type: "submit", class: "btn primary", dataset: { submit: "1" } });
  const form = h("form", { novalidate: true, onsubmit: (event) => {
    event.preventDefault();
    send();
  } },
  h("header", {}, title, h("button", { type: "button", class: "close", "aria-label": "Close", onclick: () => leave() }, "✕")),
  body, trouble, h("footer", {}, cancel, submit));
  const dialog = h("dialog", { class: "modal", "aria-labelledby": "modal-title" }, form);
  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    leave();
  });
  dialog.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      send();
    }
  });
  open = {
    id: view.id, user: store.me, dialog, title, body, cancel, submit, trouble, drawn: [], values: new Map(),
    typing: null, wanted: null, busy: false,
  };
  $("#modals").append(dialog);
  patch(view);
  dialog.showModal();
  const first = body.querySelector("[data-focus='1']") || body.querySelector("input, textarea, select");
  if (first) {
    first.focus();
    if (first.setSelectionRange && first.value) first.setSelectionRange(first.value.length, first.value.length);
  }
}

function patch(view) {
  const errors = view.errors || {};
  open.title.replaceChildren(...plainText(view.title));
  open.cancel.replaceChildren(...(view.close ? plainText(view.close) : ["Cancel"]));
  open.submit.hidden = !view.submit;
  if (view.submit) open.submit.replaceChildren(...plainText(view.submit));
  open.trouble.textContent = errors[""] || "";
  const context = {
    store, errors, values: open.values,
    visit: (url) => document.dispatchEvent(new CustomEvent("visit", { detail: url })),
    typed: (block, part, value) => typed(view.id, block.block_id, part.action_id, value),
    act: (block, part, chosen) => ask("press", {
      user: store.me, view: view.id, action_id: part.action_id, block_id: block.block_id,
      value: part.value ?? null, selected: chosen ?? null,
    }),
  };
  const focus = document.activeElement;
  const drawn = view.blocks.map((block, index) => {
    const json = JSON.stringify([block, errors[block.block_id] || ""]);
    const old = open.drawn[index];
    if (old && old.json === json) return old;
    const node = one(block, context);
    if (old && old.node.contains(focus) && focus.dataset.action) {
      const again = node.querySelector(`[data-action="${focus.dataset.action}"]`);
      const caret = focus.selectionStart === undefined ? null : [focus.selectionStart, focus.selectionEnd];
      old.node.replaceWith(node);
      if (again) {
        again.focus();
        if (caret && again.setSelectionRange) again.setSelectionRange(...caret);
      }
    } else if (old && old.node.parentNode === open.body) old.node.replaceWith(node);
    else open.body.append(node);
    return { json, node };
  });
  for (const gone of open.drawn.slice(view.blocks.length)) gone.node.remove();
  open.drawn = drawn;
  const wrong = open.body.querySelector(".wrong .text");
  if (wrong && Object.keys(errors).length && !open.body.contains(document.activeElement)) wrong.focus();
}

// What is typed is told at most a few times a second, one after the other, and the last always.
function typed(view, block, action, value) {
  const mine = open;
  mine.wanted = { user: store.me, view, block_id: block, action_id: action, value };
  if (mine.typing) return;
  const turn = async () => {
    while (mine.wanted) {
      const body = mine.wanted;
      mine.wanted = null;
      await ask("type", body);
      await new Promise((resolve) => setTimeout(resolve, 60));
    }
    mine.typing = null;
  };
  mine.typing = new Promise((resolve) => setTimeout(resolve, 90)).then(turn);
}

async function send() {
  if (!open || open.busy) return;
  const mine = open;
  const view = store.views.find((one_) => one_.id === mine.id);
  if (!view) return;
  mine.wanted = null;
  if (mine.typing) await mine.typing;
  const values = {};
  for (const block of view.blocks) {
    if (block.type !== "input") continue;
    const value = mine.values.get(`${block.block_id}|${block.element.action_id}`);
    const typedText = /input$/.test(block.element.type);
    (values[block.block_id] ||= {})[block.element.action_id] = value === "" && !typedText ? null : value;
  }
  mine.busy = true;
  mine.submit.setAttribute("aria-busy", "true");
  await ask("submit", { user: store.me, view: mine.id, values });
  mine.busy = false;
  mine.submit.removeAttribute("aria-busy");
}

function leave() {
  if (open) ask("close", { user: store.me, view: open.id });
}
