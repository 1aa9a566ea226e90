// The wire: every request that the bot made, every frame of its socket, and what was in them.

import { $, fetchJson, h } from "./dom.js";
import { clockSeconds } from "./dates.js";
import { store } from "./store.js";

const NAMES = { slack: "Slack", x: "X", graph: "Facebook" };
const FILTERS = [["all", "All requests"], ["writes", "Writes only"], ["slack", "Slack"], ["x", "X"], ["graph", "Facebook"], ["socket", "Socket frames"]];
const SHOWN = 150;
let filter = "all";
let picked = "";
let due = false;
let dom = null;

export function startWire() {
  const holder = $("#wire");
  const chips = h("div", { class: "filters", role: "group", "aria-label": "Which requests" }, FILTERS.map(([key, label]) => h("button", {
    type: "button", dataset: { filter: key }, "aria-pressed": String(key === filter),
    onclick: () => {
      filter = key;
      for (const one of chips.children) one.setAttribute("aria-pressed", String(one.dataset.filter === key));
      drawWire();
    },
  }, label)));
  const rows = h("tbody", {});
  const head = h("thead", {});
  const detail = h("div", { class: "detail", tabindex: "0" }, h("p", { class: "empty" }, "Click a line to see what was asked and what was answered."));
  holder.replaceChildren(
    h("header", { class: "panel-head" }, h("h2", {}, "Wire"), chips,
      h("button", { type: "button", class: "close", "aria-label": "Close the wire", onclick: () => toggleWire(false) }, "✕")),
    h("div", { class: "split" }, h("div", { class: "rows" }, h("table", {}, head, rows)), detail));
  dom = { rows, detail, head };
  $("#wire-toggle").addEventListener("click", () => toggleWire($("#wire").hidden));
}

export function toggleWire(on) {
  $("#wire").hidden = !on;
  $("#wire-toggle").setAttribute("aria-expanded", String(on));
  document.body.classList.toggle("with-wire", on);
  if (on) drawWire();
}

export function wireChanged() {
  if (due || $("#wire").hidden) return;
  due = true;
  setTimeout(() => {
    due = false;
    drawWire();
  }, 120);
}

function drawWire() {
  if ($("#wire").hidden) return;
  const socket = filter === "socket";
  const heads = socket ? ["Time", "", "Frame", "What", "Ack"] : ["Time", "To", "", "Path", "Status", "ms"];
  dom.head.replaceChildren(h("tr", {}, heads.map((word) => h("th", { scope: "col" }, word))));
  const list = (socket ? store.frames : store.wire.filter(fits)).slice(-SHOWN).reverse();
  dom.rows.replaceChildren(...(list.length ? list.map(socket ? frameRow : row)
    : [h("tr", {}, h("td", { colspan: heads.length, class: "empty" }, socket ? "No frames yet: the bot is not connected." : "No requests of this kind yet."))]));
}

const fits = (record) => filter === "all" || record.to === filter || (filter === "writes" && record.method !== "GET"
  && !/auth\.test|conversations\.(history|replies|info|list)|users\.(info|list)|usergroups|getPermalink|connections\.open/.test(record.path));

function line(key, load, cells, kind) {
  const show = async () => {
    picked = key;
    for (const one of dom.rows.children) one.classList.toggle("on", one.dataset.key === key);
    try {
      detail(await load());
    } catch {
      dom.detail.replaceChildren(h("p", { class: "empty" }, "That is not there any more."));
    }
  };
  return h("tr", {
    class: `${kind}${picked === key ? " on" : ""}`, tabindex: "0", dataset: { key }, onclick: show,
    onkeydown: (event) => (event.key === "Enter" || event.key === " ") && (event.preventDefault(), show()),
  }, cells);
}

function row(record) {
  const bad = record.fault || record.status === 0 || record.status >= 400 || record.refused;
  const path = record.path.replace(/^\/api\//, "");
  return line(`r${record.seq}`, () => fetchJson(`/wire/${record.seq}`), [
    h("td", { class: "num" }, clockSeconds(new Date(record.at), store.zone)),
    h("td", {}, h("span", { class: `net ${record.to}` }, NAMES[record.to] || record.to)),
    h("td", {}, record.method),
    h("td", { class: "path", title: record.path }, path),
    h("td", { class: "num" }, record.status === 0 ? "cut off" : record.refused ? `${record.status} · not ok` : record.status, record.fault && h("span", { class: "fault" }, record.fault.replace("_", " "))),
    h("td", { class: "num" }, Math.round(record.ms * 10) / 10),
  ], bad ? "bad" : "");
}

function frameRow(frame) {
  return line(`f${frame.seq}`, () => fetchJson(`/frame/${frame.seq}`), [
    h("td", { class: "num" }, clockSeconds(new Date(frame.at), store.zone)),
    h("td", { title: frame.direction === "out" ? "Slack to the bot" : "the bot to Slack" }, frame.direction === "out" ? "→ bot" : "← bot"),
    h("td", {}, frame.type), h("td", { class: "path" }, frame.what),
    h("td", { class: "num" }, frame.ms === null ? "" : `${Math.round(frame.ms)} ms`),
  ], frame.ms !== null && frame.ms > 3000 ? "bad" : "");
}

function detail(said) {
  const parts = "payload" in said
    ? [[`${said.direction === "out" ? "Slack → bot" : "bot → Slack"} · ${said.type}${said.ack_ms === null ? "" : ` · acknowledged in ${Math.round(said.ack_ms)} ms`}`, said.payload]]
    : [[`${said.method} ${said.path}`, said.request], [said.status === 0 ? "No answer was sent" : `Answer ${said.status}${said.fault ? ` (${said.fault})` : ""}`, said.response]];
  dom.detail.replaceChildren(...parts.map(([title, value]) => h("section", {}, h("h3", {}, title), h("pre", {}, pretty(value)))));
}

// Slack's SDK sends blocks and metadata as JSON inside a form: shown as what they are.
function pretty(value) {
  const opened = (one) => {
    if (typeof one === "string" && /^[[{]/.test(one)) {
      try {
        return opened(JSON.parse(one));
      } catch {
        return one;
      }
    }
    if (Array.isArray(one)) return one.map(opened);
    if (one && typeof one === "object") return Object.fromEntries(Object.entries(one).map(([key, inner]) => [key, opened(inner)]));
    return one;
  };
  return value === null || value === undefined ? "nothing" : typeof value === "string" ? value : JSON.stringify(opened(value), null, 2);
}
