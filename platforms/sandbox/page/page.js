// The page: listens to the sandbox, keeps the store, and draws what changed.

import { $, ask, fetchJson, h, plural, toast } from "./dom.js";
import { dayKey } from "./dates.js";
import { composer } from "./composer.js";
import { drawCustomers, prefill, showPlace, startCustomers, visitPost } from "./customers.js";
import { drawList, forget, toEnd } from "./messages.js";
import { drawHome } from "./home.js";
import { drawViews } from "./modal.js";
import { mrkdwn } from "./mrkdwn.js";
import { hello, putMessage, readUpTo, store, unread } from "./store.js";
import { drawClock, drawPeople, drawSteps, startClock } from "./top.js";
import { drawChips } from "./trouble.js";
import { startWire, toggleWire, wireChanged } from "./wire.js";

const due = new Set();

/** Draw these parts once, before the next frame. */
function soon(...parts) {
  if (!due.size && !pressed) atNextFrame();
  for (const part of parts) due.add(part);
}

function atNextFrame() {
  if (document.hidden) setTimeout(drawDue, 50);
  else requestAnimationFrame(drawDue);
}

function drawDue() {
  if (pressed) return;
  const now = [...due];
  due.clear();
  for (const part of now) draw[part]();
}

// While something is held down nothing is drawn anew: a button that is replaced between press and release is never clicked.
let pressed = false;

function press() {
  pressed = true;
}

function release() {
  if (!pressed) return;
  // The click follows the release, in the same turn.
  setTimeout(() => {
    pressed = false;
    if (due.size) atNextFrame();
  });
}

addEventListener("pointerdown", press, true);
for (const end of ["pointerup", "pointercancel", "dragend"]) addEventListener(end, release, true);
addEventListener("blur", release);

const draw = {
  channels: drawChannels,
  channel: drawChannel,
  home: drawHome,
  thread: drawThread,
  customers: drawCustomers,
  chips: drawChips,
  views: drawViews,
  clock: drawClock,
  people: () => drawPeople(becomePerson),
  steps: () => drawSteps(does),
};

const everything = Object.keys(draw);

// --- the live line -----------------------------------------------------------------------------------------------------

let socket = null;
let wait = 400;

function connect() {
  const me = sessionStorage.getItem("frontdesk-me") || "";
  socket = new WebSocket(`ws://${location.host}/live?user=${encodeURIComponent(me)}`);
  socket.addEventListener("message", (event) => {
    for (const change of JSON.parse(event.data)) heard(change);
  });
  socket.addEventListener("open", () => {
    wait = 400;
    document.body.classList.remove("away");
  });
  socket.addEventListener("close", () => {
    document.body.classList.add("away");
    setTimeout(connect, wait);
    wait = Math.min(wait * 1.6, 4000);
  });
}

function heard(change) {
  switch (change.type) {
    case "hello": {
      const thread = store.thread;
      hello(change);
      document.body.classList.add("ready");
      if (thread) openThread(thread.channel, thread.ts, { quiet: true });
      if (store.atHome) ask("home", { user: store.me });
      wireChanged();
      soon(...everything);
      break;
    }
    case "message":
      putMessage(change);
      soon("channels", ...(change.channel === store.current ? ["channel"] : []), ...(store.thread ? ["thread"] : []));
      break;
    case "ephemerals":
      store.ephemerals = change.ephemerals;
      soon("channel", "thread");
      break;
    case "views":
      store.views = change.views;
      store.home = change.home;
      soon("views", "home");
      break;
    case "topic":
    case "archived": {
      const channel = store.channels[change.channel];
      if (channel && change.type === "topic") channel.topic = change.topic;
      else if (channel) channel.archived = true;
      soon("channel");
      break;
    }
    case "columns":
      store.columns = change.columns;
      soon("customers");
      break;
    case "wire":
      store.wire.push(change.record);
      if (store.wire.length > 400) store.wire.splice(0, 200);
      wireChanged();
      break;
    case "frame": {
      const known = store.frames.findIndex((one) => one.seq === change.frame.seq);
      if (known >= 0) store.frames[known] = change.frame;
      else store.frames.push(change.frame);
      if (store.frames.length > 400) store.frames.splice(0, 200);
      wireChanged();
      break;
    }
    case "steps":
      store.steps = change.steps;
      soon("steps");
      break;
    case "trouble":
      store.trouble = change.trouble;
      soon("chips", "customers");
      break;
    case "clock": {
      store.clock = change.clock;
      store.clockHeard = performance.now();
      soon("clock");
      const day = dayKey(store.now(), store.zone);
      if (day !== store.day) {
        store.day = day;
        store.epoch += 1;
        soon("channel", "home", "thread", "customers");
      }
      break;
    }
    default:
  }
}

function becomePerson(id) {
  if (id === store.me) return;
  sessionStorage.setItem("frontdesk-me", id);
  if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ as: id }));
}

// --- channels ------------------------------------------------------------------------------------------------------------

function drawChannels() {
  const holder = $("#channel-list");
  const focused = document.activeElement && document.activeElement.dataset.channel;
  holder.replaceChildren(h("h2", {}, "Acme"), h("ul", {}, store.order.map((id) => {
    const channel = store.channels[id];
    const { news, pings } = unread(id);
    const here = id === store.current && !store.atHome;
    return h("li", {}, h("button", {
      type: "button", class: `${here ? "here" : ""}${news && !here ? " news" : ""}`, dataset: { channel: id },
      "aria-current": here ? "page" : null, onclick: () => openChannel(id),
    }, h("span", { class: "hash", "aria-hidden": "true" }, channel.kind === "im" ? "@" : "#"), h("span", { class: "name" }, channel.name),
    pings > 0 ? h("span", { class: "pings", title: plural(pings, "mention") }, pings, h("span", { class: "sr" }, " mentions of you"))
      : news > 0 && !here ? h("span", { class: "news-dot", title: plural(news, "new message") }, h("span", { class: "sr" }, `${news} new`)) : null));
  })), h("h2", {}, "Apps"), h("ul", {}, h("li", {}, h("button", {
    type: "button", class: store.atHome ? "here" : "", dataset: { channel: "home" }, "aria-current": store.atHome ? "page" : null, onclick: openHome,
  }, h("span", { class: "hash", "aria-hidden": "true" }, "⌂"), h("span", { class: "name" }, "Frontdesk")))),
  h("p", { class: "note" }, "What you see is what ", h("b", {}, store.myself().short), " sees in Slack. Switch the person at the top right."));
  if (focused) {
    const again = holder.querySelector(`[data-channel="${focused}"]`);
    if (again) again.focus();
  }
}

function openChannel(id) {
  if (!store.channels[id]) return;
  leaveHome();
  if (store.current !== id) {
    forget("channel");
    store.current = id;
    shown = "";
  }
  soon("channels", "channel");
  main.field.focus({ preventScroll: true });
}

/** The app's own page: opening it tells the bot, which draws it. */
function openHome() {
  store.atHome = true;
  document.body.classList.add("at-home");
  ask("home", { user: store.me });
  soon("channels", "home");
}

function leaveHome() {
  store.atHome = false;
  document.body.classList.remove("at-home");
  soon("channels", "home");
}

let shown = "";
let counted = 0;

function drawChannel() {
  const channel = store.channels[store.current];
  if (!channel) return;
  const first = shown !== `${store.current} ${store.me}`;
  shown = `${store.current} ${store.me}`;
  $("#channel").setAttribute("aria-label", `#${channel.name}`);
  $("#channel-head").replaceChildren(h("h2", {}, channel.kind === "im" ? channel.name : `# ${channel.name}`),
    h("div", { class: "topic", title: channel.topic }, channel.topic ? mrkdwn(channel.topic, store) : h("span", { class: "muted" }, plural(channel.members, "member"))));
  const mine = store.ephemerals.filter((one) => one.channel === store.current && !one.thread_ts);
  const list = [...channel.messages.values(), ...mine].sort((one, other) => (one.ts < other.ts ? -1 : 1));
  drawList($("#messages"), list, {
    where: "channel", channel: store.current, openThread, toEnd: first, settled: !first,
    empty: {
      C0DESK: "No inquiries yet. Write as a customer on the right, and a thread appears here.",
      C0LEADS: "Nothing for the leads. When a promise is broken, it is said here.",
    }[store.current] || `Nothing has been said in #${channel.name} yet.`,
  });
  const unseen = $("#messages").dataset.end === "no" && list.length > counted;
  if (unseen) $("#news").hidden = false;
  counted = list.length;
  main.moveTo(`${store.me} ${store.current}`, `Message #${channel.name}, or type / for commands`,
    channel.archived ? "This channel is archived." : "");
  if (!document.hidden) {
    const before = unread(store.current);
    readUpTo(store.current);
    if (before.pings || before.news) soon("channels");
  }
}

// --- thread ---------------------------------------------------------------------------------------------------------------

async function openThread(channel, ts, { quiet = false, type = "" } = {}) {
  let said;
  try {
    said = await fetchJson(`/thread/${channel}/${ts}`);
  } catch {
    if (!quiet) toast("That thread is not there any more.", "bad");
    store.thread = null;
    soon("thread");
    return;
  }
  const same = store.thread && store.thread.ts === ts;
  if (!same) forget("thread");
  const root = said.root.thread_ts && said.root.thread_ts !== said.root.ts ? said.root.thread_ts : ts;
  if (root !== ts) return void openThread(channel, root, { quiet, type });
  if (store.current !== channel && !quiet) openChannel(channel);
  store.thread = { channel, ts, root: said.root, replies: new Map(said.replies.map((one) => [one.ts, one])), fresh: !same };
  soon("thread");
  if (!quiet) {
    requestAnimationFrame(() => requestAnimationFrame(() => (type ? side.type(type) : side.field.focus({ preventScroll: true }))));
  }
}

function closeThread() {
  store.thread = null;
  forget("thread");
  soon("thread");
  main.field.focus({ preventScroll: true });
}

function drawThread() {
  const open = store.thread;
  $("#thread").hidden = !open;
  document.body.classList.toggle("with-thread", Boolean(open));
  if (!open) return;
  const channel = store.channels[open.channel];
  const root = channel.messages.get(open.ts) || open.root;
  $("#thread-head").replaceChildren(
    h("button", { type: "button", class: "back btn quiet", onclick: closeThread }, `← #${channel.name}`),
    h("h2", {}, "Thread"), h("span", { class: "muted" }, `#${channel.name}`),
    h("button", { type: "button", class: "close", "aria-label": "Close the thread", onclick: closeThread }, "✕"));
  const mine = store.ephemerals.filter((one) => one.channel === open.channel && one.thread_ts === open.ts);
  const under = [...open.replies.values(), ...mine].sort((one, other) => (one.ts < other.ts ? -1 : 1));
  drawList($("#replies"), [root, ...under], {
    where: "thread", channel: open.channel, openThread, thread: true, rootTs: open.ts, toEnd: open.fresh, settled: !open.fresh, empty: "",
  });
  open.fresh = false;
  side.moveTo(`${store.me} ${open.channel} ${open.ts}`, "For the team only, or !reply …");
}

// --- what is typed ----------------------------------------------------------------------------------------------------------

async function send(text, channel, thread) {
  const body = { user: store.me, channel, text, thread_ts: thread || null };
  const said = await ask(text.startsWith("/") && !text.startsWith("//") ? "command" : "say", body);
  return said.ok;
}

const main = composer($("#composer"), { label: "Message", send: (text) => send(text, store.current) });
const side = composer($("#thread-composer"), { label: "Reply in thread", send: (text) => send(text, store.thread.channel, store.thread.ts) });

// --- what the strip does for a visitor ------------------------------------------------------------------------------------------

const does = {
  write: () => prefill("x", "Maria Duarte", `@${store.account.x} my parcel has been stuck since Monday and the tracking page shows nothing. Can you help?`),
  type(text) {
    if (store.current !== "C0DESK" && store.channels.C0DESK) openChannel("C0DESK");
    requestAnimationFrame(() => main.type(text));
  },
  look: () => showPlace(store.steps.place || "x"),
  thread: (root, text) => root && openThread(root[0], root[1], { type: text }),
  trouble(network) {
    showPlace(network === "x" ? "x" : "facebook");
    const box = $("#customers .trouble");
    box.open = true;
    $("[data-trouble='403']", box).focus();
  },
  be(role) {
    const id = store.acting.find((one) => store.people[one].role === role);
    if (id) becomePerson(id);
  },
  jumps() {
    $("#jump").open = true;
    $("#jump summary").focus();
  },
  wire: () => toggleWire(true),
};

// --- links, keys ---------------------------------------------------------------------------------------------------------------------

/** A link in the sandbox leads to what it stands for here; what is outside stays outside. */
function visit(url) {
  const slack = /\/archives\/(\w+)\/p(\d{10})(\d{6})(?:\?.*thread_ts=([\d.]+))?/.exec(url);
  if (slack && store.channels[slack[1]]) {
    const [, channel, seconds, rest, thread] = slack;
    openThread(channel, thread || `${seconds}.${rest}`);
  } else if (!visitPost(url)) toast(`The sandbox does not leave this machine. This link leads to ${url}`);
}

document.addEventListener("visit", (event) => visit(event.detail));
document.addEventListener("click", (event) => {
  const link = event.target.closest("a.out");
  if (link) {
    event.preventDefault();
    visit(link.href);
  }
  const channel = event.target.closest("button.mention[data-channel]");
  if (channel) openChannel(channel.dataset.channel);
  for (const menu of document.querySelectorAll("details.overflow[open], details.more[open], details.jump[open]")) if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  const typing = /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName) || event.target.closest("dialog");
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    main.field.focus();
    if (!main.field.value) main.type("/");
  } else if (event.key === "Escape" && !event.target.closest("dialog")) {
    const menu = document.querySelector("details.overflow[open], details.more[open], details.jump[open]");
    if (menu) menu.open = false;
    else if (store.thread && (event.target.closest("#thread") || !typing)) closeThread();
  }
});
document.addEventListener("visibilitychange", () => soon("channel"));

$("#news").addEventListener("click", () => toEnd($("#messages")));
$("#messages").addEventListener("end", (event) => {
  if (event.detail) $("#news").hidden = true;
});

startClock();
startCustomers();
startWire();
connect();
