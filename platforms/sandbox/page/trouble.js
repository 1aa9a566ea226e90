// Trouble that a visitor makes for a network or for Slack: the switches, and the chips at the top that say what is on.

import { $, ask, h } from "./dom.js";
import { store } from "./store.js";

const LABELS = { x: "X", graph: "Facebook", slack: "Slack" };

/** The switches of one network in `box`, a <details>. */
export function drawTrouble(box, network) {
  const kinds = store.troubles[network] || [];
  const on = store.trouble.find((one) => one.network === network);
  const said = JSON.stringify([network, on, kinds.length]);
  if (said === box.dataset.drawn) return;
  box.dataset.drawn = said;
  const label = LABELS[network];
  box.classList.toggle("on", Boolean(on));
  box.replaceChildren(
    h("summary", {}, on ? h("span", {}, `${label} is in trouble: `, h("b", {}, on.label)) : `Make trouble on ${label}`),
    h("div", { class: "kinds", role: "group", "aria-label": `Trouble on ${label}` }, kinds.map(([kind, name, about]) => h("button", {
      type: "button", "aria-pressed": String(Boolean(on && on.kind === kind)), title: about, dataset: { trouble: kind },
      onclick: () => ask("fault", { network, kind, on: !(on && on.kind === kind) }),
    }, name)), h("button", {
      type: "button", "aria-pressed": String(!on), dataset: { trouble: "off" }, onclick: () => ask("fault", { network, kind: "off", on: false }),
    }, "Off"), h("small", {}, "It meets what the desk sends. What the desk reads goes on.")));
}

/** The chips in the bar at the top. */
export function drawChips() {
  $("#chips").replaceChildren(...store.trouble.map((one) => h("button", {
    type: "button", class: "chip", title: "Turn it off", onclick: () => ask("fault", { network: one.network, kind: "off", on: false }),
  }, h("b", {}, LABELS[one.network]), ` ${one.label}`, one.hits ? ` · met ${one.hits}` : "", h("span", { "aria-hidden": "true" }, " ✕"))));
  drawTrouble($("#slack-trouble"), "slack");
}
