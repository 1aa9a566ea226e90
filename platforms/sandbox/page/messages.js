// A message as people see it: who, when, the blocks, reactions, "3 replies", and what only one person sees.

import { ask, avatar, h, plural, toast } from "./dom.js";
import { blocks } from "./blocks.js";
import { clock, dayDivider, dayKey, fromTs, full } from "./dates.js";
import { emoji } from "./emoji.js";
import { mrkdwn } from "./mrkdwn.js";
import { store } from "./store.js";

const drawn = new Map();

/** Draw a list of messages into a container, keeping the nodes (and the focus) of what has not changed. */
export function drawList(container, list, options) {
  follow(container);
  const stick = container.dataset.end !== "no";
  const wanted = [];
  let day = "";
  for (const message of list) {
    const at = fromTs(message.ts);
    const today = dayKey(at, store.zone);
    if (today !== day && !options.thread) wanted.push(divider(today, at));
    day = today;
    wanted.push(drawOne(message, options));
  }
  if (!list.length) wanted.push(h("p", { class: "empty" }, options.empty));
  const focus = document.activeElement;
  const had = container.contains(focus) ? { message: focus.closest("[data-ts]"), action: focus.dataset.action } : null;
  reconcile(container, wanted);
  if (had && had.message && !container.contains(focus)) {
    const again = container.querySelector(`[data-ts="${had.message.dataset.ts}"]`);
    const target = again && ((had.action && again.querySelector(`[data-action="${had.action}"]`)) || again.querySelector("button"));
    if (target) target.focus({ preventScroll: true });
  }
  if (stick || options.toEnd) toEnd(container);
}

const watcher = new ResizeObserver((entries) => {
  for (const { target } of entries) if (target.dataset.end !== "no") target.scrollTop = target.scrollHeight;
});

/** Who has read to the end stays there when something is added or the window changes; who reads further up is left. */
function follow(container) {
  if (container.dataset.followed) return;
  container.dataset.followed = "1";
  watcher.observe(container);
  container.addEventListener("scroll", () => {
    const left = container.scrollHeight - container.scrollTop - container.clientHeight;
    container.dataset.end = left < 40 ? "yes" : "no";
    container.dispatchEvent(new CustomEvent("end", { detail: left < 40 }));
  });
}

export function toEnd(container) {
  container.dataset.end = "yes";
  container.scrollTop = container.scrollHeight;
}

function reconcile(container, wanted) {
  const keep = new Set(wanted);
  for (const node of [...container.childNodes]) if (!keep.has(node)) node.remove();
  let next = container.firstChild;
  for (const node of wanted) {
    if (node === next) next = next.nextSibling;
    else container.insertBefore(node, next);
  }
}

function divider(key, at) {
  const id = `day ${key} ${store.epoch}`;
  if (!drawn.has(id)) drawn.set(id, { node: h("div", { class: "day" }, h("span", {}, dayDivider(at, store.now(), store.zone))) });
  return drawn.get(id).node;
}

function drawOne(message, options) {
  const id = `${options.where} ${message.ts}`;
  const old = drawn.get(id);
  const root = options.rootTs === message.ts;
  if (old && old.message === message && old.epoch === store.epoch && old.root === root) return old.node;
  const node = draw(message, { ...options, root, fresh: !old && options.settled });
  drawn.set(id, { message, epoch: store.epoch, root, node });
  return node;
}

/** Forget the nodes of a place that is no longer shown. */
export function forget(where) {
  for (const id of drawn.keys()) if (id.startsWith(`${where} `)) drawn.delete(id);
}

function author(message) {
  if (message.user === "USLACKBOT") return { name: "Slackbot", bot: true, face: "" };
  const person = store.people[message.user];
  return person || { name: message.username || "Somebody", bot: Boolean(message.bot_id) };
}

function draw(message, options) {
  const who = author(message);
  const at = fromTs(message.ts);
  const only = message.is_ephemeral === true;
  const grave = message.subtype === "tombstone";
  const channel = options.channel;
  const node = h("article", {
    class: `message${only ? " only" : ""}${options.fresh ? " fresh" : ""}${options.root ? " root" : ""}${who.bot ? " by-bot" : ""}`,
    dataset: { ts: message.ts },
    "aria-label": `${who.name}, ${clock(at, store.zone)}`,
  });
  const head = h("div", { class: "byline" },
    h("strong", {}, who.name), who.bot && h("span", { class: "badge" }, "app"),
    h("time", { datetime: at.toISOString(), title: full(at, store.zone) }, clock(at, store.zone)),
    only && h("span", { class: "only-you" }, "Only visible to you"));
  const body = h("div", { class: "body" });
  if (grave) body.append(h("em", { class: "muted" }, "This message was deleted."));
  else if (message.blocks && message.bot_id) body.append(...blocks(message.blocks, contextOf(message, channel)));
  else body.append(h("div", { class: "b-section" }, h("div", { class: "words" }, ...mrkdwn(message.text, store))));
  if (!grave && message.files) body.append(h("div", { class: "files" }, message.files.map(hung)));
  if (message.edited && !grave && !message.bot_id) body.append(h("span", { class: "edited" }, " (edited)"));
  node.append(avatar(who.name, who.face ?? (who.bot ? "bot" : "")), h("div", { class: "main" }, head, body,
    reactions(message, channel), !options.thread && replies(message, channel, options),
    message.subtype === "thread_broadcast" && options.thread !== true && h("button", {
      type: "button", class: "replies", onclick: () => options.openThread(channel, message.thread_ts),
    }, "Said in a thread too"),
    only && h("button", {
      type: "button", class: "dismiss", onclick: () => ask("dismiss", { user: store.me, ts: message.ts }),
    }, "Dismiss")));
  if (message.edited && message.bot_id) head.append(h("span", { class: "edited", title: full(fromTs(message.edited.ts), store.zone) }, "edited"));
  if (!only && !grave) node.append(tools(message, channel, options));
  return node;
}

/** A file in a message: pictures are shown, all else is named. */
function hung(file) {
  if (!file.mimetype.startsWith("image/")) return h("span", { class: "picture" }, file.name);
  return h("img", { class: "hung", src: `/hung/${file.id}`, alt: file.alt_txt || file.title || file.name, title: file.name });
}

function contextOf(message, channel) {
  return {
    store,
    visit: (url) => document.dispatchEvent(new CustomEvent("visit", { detail: url })),
    act: async (block, part, chosen, source) => {
      if (source) source.setAttribute("aria-busy", "true");
      await ask("press", {
        user: store.me, channel, ts: message.ts, action_id: part.action_id, block_id: block.block_id,
        value: part.type === "button" ? part.value ?? null : null, selected: chosen ?? null,
      });
      if (source) source.removeAttribute("aria-busy");
      if (source && source.tagName === "SELECT") source.value = "";
    },
  };
}

function reactions(message, channel) {
  if (!message.reactions || !message.reactions.length) return null;
  return h("div", { class: "reactions" }, message.reactions.map((one) => {
    const mine = one.users.includes(store.me);
    const names = one.users.map((id) => (store.people[id] ? store.people[id].short : id)).join(", ");
    return h("button", {
      type: "button", class: mine ? "mine" : "", title: `${names} · :${one.name}:`, "aria-pressed": String(mine),
      onclick: () => ask("react", { user: store.me, channel, ts: message.ts, name: one.name, remove: mine }),
    }, `${emoji(one.name) || `:${one.name}:`} ${one.count}`);
  }));
}

function replies(message, channel, options) {
  if (!message.reply_count) return null;
  const at = fromTs(message.latest_reply || message.ts);
  const faces = (message.reply_users || []).slice(0, 3).map((id) => {
    const person = store.people[id];
    return person && avatar(person.name, `tiny ${person.bot ? "bot" : ""}`);
  });
  return h("button", { type: "button", class: "replies", onclick: () => options.openThread(channel, message.ts) },
    faces, h("b", {}, plural(message.reply_count, "reply", "replies")), h("small", {}, `last at ${clock(at, store.zone)}`));
}

function tools(message, channel, options) {
  const react = (name, label) => h("button", {
    type: "button", title: label, "aria-label": label,
    onclick: () => ask("react", { user: store.me, channel, ts: message.ts, name }),
  }, emoji(name));
  return h("div", { class: "tools" }, react("eyes", "React with eyes"), react("white_check_mark", "React with a check mark"),
    !options.thread && h("button", {
      type: "button", title: "Reply in thread", "aria-label": "Reply in thread", class: "open-thread",
      onclick: () => options.openThread(channel, message.ts),
    }, emoji("speech_balloon")), shortcuts(message, channel));
}

// What the app adds to every message's menu.
function shortcuts(message, channel) {
  const list = store.shortcuts.filter((one) => one.type === "message");
  if (!list.length) return null;
  const menu = h("details", { class: "more" }, h("summary", { "aria-label": "More actions", title: "More actions" }, "⋯"),
    h("div", { class: "menu", role: "menu" }, list.map((one) => h("button", {
      type: "button", role: "menuitem", title: one.description,
      onclick: () => {
        menu.open = false;
        ask("shortcut", { user: store.me, channel, ts: message.ts, callback_id: one.callback_id });
      },
    }, one.name))));
  return menu;
}

export { toast };
