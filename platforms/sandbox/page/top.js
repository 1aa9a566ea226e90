// The top of the page: the story clock, who one is, and the strip of things to try.

import { $, ask, avatar, h, toast } from "./dom.js";
import { clock, clockSeconds, dayName, full, zoneName } from "./dates.js";
import { store } from "./store.js";

let dom = null;

export function startClock() {
  const time = h("strong", { id: "story-time" });
  const day = h("small", {});
  const control = (id, label, words, act) => h("button", { type: "button", id, class: "btn quiet", title: label, "aria-label": label, "aria-pressed": "false", onclick: act }, words);
  const pause = control("pause", "Stop the story clock", "❚❚", () => ask("clock", { pause: true }));
  const play = control("play", "Real time", "▶", () => ask("clock", { play: 1 }));
  const fast = control("fast", "Sixty times as fast: a minute a second", "×60", () => ask("clock", { play: 60 }));
  const menu = h("div", { class: "menu", role: "menu" });
  const jump = h("details", { class: "jump", id: "jump" }, h("summary", { class: "btn quiet" }, "Jump to…"), menu);
  const note = h("span", { class: "jumping", hidden: true, role: "status" }, "on the way…");
  $("#clock").replaceChildren(h("div", { class: "time" }, time, day), h("div", { class: "controls", role: "group", "aria-label": "Story clock" }, pause, play, fast), jump, note);
  dom = { time, day, pause, play, fast, menu, jump, note };
  setInterval(tick, 250);
}

function tick() {
  if (!store.ready) return;
  const now = store.now();
  dom.time.textContent = clockSeconds(now, store.zone);
  dom.day.textContent = `${dayName(now, store.zone)} · ${zoneName(store.zone)}`;
  dom.time.title = `Story time. ${now.toISOString()}`;
  for (const node of document.querySelectorAll("[data-zone]")) node.textContent = clock(now, node.dataset.zone);
}

export function drawClock() {
  const { rate, jumping, jumps } = store.clock;
  dom.pause.setAttribute("aria-pressed", String(rate === 0));
  dom.play.setAttribute("aria-pressed", String(rate === 1));
  dom.fast.setAttribute("aria-pressed", String(rate > 1));
  dom.note.hidden = !jumping;
  dom.jump.classList.toggle("busy", Boolean(jumping));
  document.body.classList.toggle("jumping", Boolean(jumping));
  const words = JSON.stringify([jumps, store.me]);
  if (dom.menu.dataset.words !== words) {
    dom.menu.dataset.words = words;
    dom.menu.replaceChildren(...jumps.map((one) => h("button", {
      type: "button", role: "menuitem",
      onclick: async () => {
        dom.jump.open = false;
        const said = await ask("clock", { jump: one.at || one.seconds });
        if (said.ok) toast(`It is ${full(store.now(), store.zone).replace(/:\d\d \(/, " (")}.`);
      },
    }, h("span", {}, one.label), one.at && h("small", {}, `${dayName(new Date(one.at), store.zone).replace(/ \d{4}$/, "")}, ${clock(new Date(one.at), store.zone)}`))),
    h("p", {}, `Times as in ${zoneName(store.zone)}`));
  }
  tick();
}

export function drawPeople(choose) {
  $("#people").replaceChildren(...store.acting.map((id) => {
    const person = store.people[id];
    return h("button", {
      type: "button", role: "radio", class: "person", "aria-checked": String(id === store.me), dataset: { person: id },
      title: `${person.name}, ${person.role} · ${zoneName(person.zone)}`,
      onclick: () => choose(id),
    }, avatar(person.name), h("span", {}, h("b", {}, person.short), h("small", {}, `${person.role} · `, h("span", { dataset: { zone: person.zone } }))));
  }));
  tick();
}

/** What one can do next, as the server saw what was done. `does` fills fields in: write, type, thread, jump, be, wire. */
export function drawSteps(does) {
  const holder = $("#steps");
  const { done, number, place, root } = store.steps;
  const words = JSON.stringify([store.steps, store.me, holder.dataset.closed]);
  if (holder.dataset.words === words) return;
  holder.dataset.words = words;
  if (holder.dataset.closed) return void (holder.hidden = true);
  const is = (step) => done.includes(step);
  const at = [1, 2, 3, 4].find((step) => !is(step));
  if (!at) {
    const next = (label, act) => h("button", { type: "button", class: "btn", onclick: act }, label);
    holder.replaceChildren(
      h("p", { class: "whole" }, h("strong", {}, "✓ That is the whole job."), h("span", { class: "more" }, " A customer asked, you took it, you answered, and the customer has read it."), " Now try:"),
      h("div", { class: "next" },
        next("Answer in the thread with !reply", () => does.thread(root, "!reply ")),
        next("Let X refuse an answer", () => does.trouble("x")),
        next("Be Lee, the lead", () => does.be("lead")),
        next("Watch a deadline pass", () => does.jumps()),
        next("See every request", () => does.wire())),
      h("button", { type: "button", class: "close", "aria-label": "Close this strip", onclick: () => {
        holder.dataset.closed = "1";
        drawSteps(does);
      } }, "✕"));
    return undefined;
  }
  const n = number === null ? null : number;
  const steps = [
    ["Write as a customer on X", "Maria has a question", () => does.write()],
    [n ? h("span", {}, "Type ", h("code", {}, `/claim ${n}`)) : "Claim it in Slack", n ? "Then it is yours" : is(1) ? "the desk looks every few seconds …" : "/claim and its number", n && (() => does.type(`/claim ${n}`))],
    [n ? h("span", {}, "Answer: ", h("code", {}, `/reply ${n} …`)) : "Answer it", n ? "You have 10 s to undo" : "/reply and your words", n && (() => does.type(`/reply ${n} `))],
    ["See the answer arrive", place === "x" || !place ? "under Maria's post".replace("Maria", (store.steps.name || "Maria").split(" ")[0]) : "where it was asked", () => does.look()],
  ];
  holder.replaceChildren(h("strong", { class: "lead" }, "Try"), h("ol", {}, steps.map(([title, more, act], index) => h("li", {
    class: `${is(index + 1) ? "done" : ""}${index + 1 === at ? " now" : ""}`, "aria-current": index + 1 === at ? "step" : null,
  }, h("button", { type: "button", disabled: !act, onclick: act || null, dataset: { step: String(index + 1) } },
    h("span", { class: "tick", "aria-hidden": "true" }, is(index + 1) ? "✓" : String(index + 1)),
    h("span", {}, h("b", {}, title), h("small", {}, is(index + 1) ? "done" : more)))))));
  return undefined;
}
