// The app's Home tab: one person's page, drawn from the very view that the bot published.

import { $, ask, h } from "./dom.js";
import { blocks } from "./blocks.js";
import { store } from "./store.js";

let drawn = "";

/** Show the Home tab where it is open; nothing is drawn anew that has not changed. */
export function drawHome() {
  $("#home").hidden = !store.atHome;
  if (!store.atHome) return;
  const said = JSON.stringify([store.me, store.epoch, store.home]);
  if (said === drawn) return;
  drawn = said;
  const holder = $("#home-view");
  const focused = holder.contains(document.activeElement) ? document.activeElement.dataset.action : null;
  holder.replaceChildren(...(store.home ? blocks(store.home.blocks, context()) : [h("p", { class: "empty" }, "The bot has not drawn this page yet.")]));
  if (focused) {
    const again = holder.querySelector(`[data-action="${focused}"]`);
    if (again) again.focus();
  }
}

function context() {
  return {
    store,
    visit: (url) => document.dispatchEvent(new CustomEvent("visit", { detail: url })),
    act: async (block, part, chosen, source) => {
      if (source) source.setAttribute("aria-busy", "true");
      await ask("press", {
        user: store.me, view: store.home.id, action_id: part.action_id, block_id: block.block_id,
        value: part.type === "button" ? part.value ?? null : null, selected: chosen ?? null,
      });
      if (source) source.removeAttribute("aria-busy");
    },
  };
}
