// The customers' side: four places to write in, and what everybody can read there.

import { $, ask, avatar, h } from "./dom.js";
import { clock, full, weekday, dayKey } from "./dates.js";
import { store } from "./store.js";
import { drawTrouble } from "./trouble.js";

const PEOPLE = ["Maria Duarte", "Jonas Weber", "Zuzana Novák", "Tom Baker"];

const PLACES = {
  x: {
    name: "X", network: "x", open: "Everybody can read this", write: "Post", reply: true,
    hint: (who) => `What does ${who} write to @${store.account.x}?`,
    empty: "Nobody has written to us on X yet. Write as Maria, and watch a thread appear in Slack.",
  },
  x_direct: {
    name: "X messages", network: "x", open: "Only the customer and the desk", write: "Send", reply: false, secret: true,
    hint: (who) => `A private message from ${who}`,
    empty: "No private messages on X. What is said here, only the customer and the desk can read.",
  },
  facebook: {
    name: "Facebook", network: "graph", open: "Everybody can read this", write: "Post on the Page", reply: true,
    hint: (who) => `What does ${who} write on ${store.account.graph}'s Page?`,
    empty: "The Page is quiet. A visitor's post or a comment becomes an inquiry too.",
  },
  messenger: {
    name: "Messenger", network: "graph", open: "Only the customer and the desk", write: "Send", reply: false, secret: true,
    hint: (who) => `A private message from ${who}`,
    empty: "No messages in Messenger. The desk may answer for 24 hours after a customer's last one.",
  },
};

let tab = "x";
let writer = PEOPLE[0];
let replyTo = null; // { id, name, text }
const drafts = new Map();
const seen = new Map(); // place -> ids of our posts that were looked at
const known = new Set(); // every post that was ever drawn, so that what is new can be lit up
let started = false;
let dom = null;

export function startCustomers() {
  const holder = $("#customers");
  const tabs = h("div", { class: "tabs", role: "tablist", "aria-label": "Places where customers write" },
    Object.entries(PLACES).map(([key, place]) => h("button", {
      type: "button", role: "tab", id: `tab-${key}`, "aria-controls": "place", dataset: { tab: key },
      onclick: () => showPlace(key),
      onkeydown: (event) => {
        const keys = Object.keys(PLACES);
        const step = { ArrowRight: 1, ArrowLeft: keys.length - 1 }[event.key];
        if (!step) return;
        const next = keys[(keys.indexOf(key) + step) % keys.length];
        showPlace(next);
        $(`#tab-${next}`).focus();
      },
    }, place.name, h("span", { class: "dot", hidden: true }))));
  const name = h("input", {
    class: "writer", list: "customer-names", "aria-label": "Write as", value: writer, autocomplete: "off", maxlength: 40,
    oninput: () => {
      writer = name.value.trim();
      hints();
    },
    onfocus: () => name.select(),
  });
  const names = h("datalist", { id: "customer-names" });
  const field = h("textarea", {
    rows: 2, "aria-label": "A customer's words", dataset: { write: "1" },
    oninput: () => {
      drafts.set(draftKey(), field.value);
      hints();
    },
    onkeydown: (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) write();
    },
  });
  const post = h("button", { type: "button", class: "btn dark post", onclick: write }, "Post");
  const hint = h("small", { class: "hint" });
  const target = h("div", { class: "target", hidden: true });
  const trouble = h("details", { class: "trouble" });
  const feed = h("div", { class: "feed", id: "place", role: "tabpanel", tabindex: "0" });
  const where = h("span", { class: "who-sees" });
  holder.replaceChildren(
    h("header", { class: "panel-head" }, h("h2", {}, "Customers"), where), tabs, trouble,
    h("div", { class: "write" }, h("label", {}, h("span", {}, "Write as"), name), names, target, field,
      h("div", { class: "row" }, hint, post)),
    feed);
  dom = { name, names, field, post, hint, target, trouble, feed, where, tabs };
}

const draftKey = () => `${tab} ${replyTo ? replyTo.id : ""}`;

export function showPlace(key) {
  if (key !== tab) replyTo = null;
  tab = key;
  drawCustomers();
}

function hints() {
  const place = PLACES[tab];
  dom.field.placeholder = replyTo ? `Reply to ${replyTo.name}` : place.hint(writer || "a customer");
  const text = dom.field.value;
  const missing = tab === "x" && !replyTo && text.trim() && !text.toLowerCase().includes(`@${store.account.x}`);
  dom.hint.textContent = missing ? `Without @${store.account.x} in it, the desk will not see this.` : "";
  dom.hint.classList.toggle("warn", Boolean(missing));
  dom.post.textContent = replyTo ? "Reply" : place.write;
}

async function write() {
  const text = dom.field.value.trim();
  if (!text) {
    dom.field.focus();
    dom.hint.textContent = "Write something first.";
    return;
  }
  const body = { place: tab, name: writer, text, on: replyTo ? replyTo.id : null };
  const key = draftKey();
  dom.post.disabled = true;
  const said = await ask("write", body);
  dom.post.disabled = false;
  if (!said.ok) return;
  drafts.delete(key);
  dom.field.value = "";
  replyTo = null;
  drawTarget();
  hints();
}

/** Words for the first field, ready to be posted. */
export function prefill(place, name, text) {
  showPlace(place);
  replyTo = null;
  writer = name;
  dom.name.value = name;
  drafts.set(draftKey(), text);
  drawCustomers();
  dom.field.focus();
}

function drawTarget() {
  dom.target.hidden = !replyTo;
  if (!replyTo) return;
  dom.target.replaceChildren(h("span", {}, "Reply to ", h("b", {}, replyTo.name)), h("button", {
    type: "button", "aria-label": "Do not reply", onclick: () => {
      replyTo = null;
      drawCustomers();
    },
  }, "✕"));
}

export function drawCustomers() {
  if (!dom) return;
  const place = PLACES[tab];
  for (const key of Object.keys(PLACES)) {
    const button = $(`#tab-${key}`);
    button.setAttribute("aria-selected", String(key === tab));
    button.tabIndex = key === tab ? 0 : -1;
    const ours = store.columns[key].flatMap((thread) => thread.posts.filter((post) => post.ours).map((post) => post.id));
    if (!seen.has(key) || key === tab) seen.set(key, new Set(ours));
    const fresh = ours.filter((id) => !seen.get(key).has(id)).length;
    const dot = $(".dot", button);
    dot.hidden = !fresh;
    dot.textContent = fresh || "";
    dot.title = fresh ? `${fresh} new from the desk` : "";
  }
  dom.where.replaceChildren(h("span", { class: place.secret ? "lock" : "globe", "aria-hidden": "true" }, place.secret ? "🔒" : "🌐"), place.open);
  const people = new Set(PEOPLE);
  for (const threads of Object.values(store.columns)) {
    for (const thread of threads) for (const post of thread.posts) if (!post.ours) people.add(post.name);
  }
  const list = [...people];
  if (dom.names.childElementCount !== list.length) dom.names.replaceChildren(...list.map((one) => h("option", { value: one })));
  const draft = drafts.get(draftKey()) || "";
  if (dom.field.value !== draft) dom.field.value = draft;
  drawTarget();
  hints();
  drawTrouble(dom.trouble, place.network);
  const top = dom.feed.scrollTop;
  const threads = store.columns[tab];
  dom.feed.replaceChildren(...(threads.length ? threads.map((thread) => drawThread(thread, place)) : [h("p", { class: "empty" }, place.empty)]));
  dom.feed.scrollTop = top;
  for (const all of Object.values(store.columns)) for (const thread of all) for (const post of thread.posts) known.add(post.id);
  started = true;
}

function drawThread(thread, place) {
  const head = place.secret && h("div", { class: "with" }, "🔒 ", thread.posts[0].with);
  return h("section", { class: `convo ${place.secret ? "secret" : ""}` }, head,
    thread.posts.map((post) => drawPost(post, thread, place)));
}

function drawPost(post, thread, place) {
  const at = new Date(post.at);
  const today = dayKey(at, store.zone) === dayKey(store.now(), store.zone);
  const fresh = started && !known.has(post.id);
  const reply = place.reply && h("button", {
    type: "button", class: "reply", "aria-label": `Reply to ${post.name}`,
    onclick: () => {
      replyTo = { id: post.id, name: post.name };
      const customer = [...thread.posts].reverse().find((one) => !one.ours);
      if (customer && post.ours) {
        writer = customer.name;
        dom.name.value = writer;
      }
      drawCustomers();
      dom.field.focus();
    },
  }, tab === "facebook" && post.depth === 0 ? "Comment" : "Reply");
  const back = place.reply && !post.ours && h("button", {
    type: "button", class: "reply take-back", "aria-label": `Delete what ${post.name} wrote`,
    onclick: () => ask("delete", { place: tab, id: post.id }),
  }, "Delete");
  const again = place.secret && !post.ours && post.id === lastOfCustomer(thread) && h("button", {
    type: "button", class: "reply", onclick: () => {
      writer = post.with || post.name;
      dom.name.value = writer;
      hints();
      dom.field.focus();
    },
  }, `Go on as ${post.name.split(" ")[0]}`);
  return h("article", {
    class: `post depth-${post.depth || 0}${post.ours ? " ours" : ""}${post.native ? " native" : ""}${fresh ? (post.ours ? " arrived" : " fresh") : ""}`,
    dataset: { post: post.id }, "aria-label": `${post.name} at ${clock(at, store.zone)}`,
  },
  avatar(post.name, post.ours ? "desk" : "customer"),
  h("div", { class: "main" },
    h("div", { class: "byline" }, h("strong", {}, post.name), post.handle && h("span", { class: "handle" }, `@${post.handle}`),
      post.ours && !post.native && h("span", { class: "badge desk" }, "the desk"),
      h("time", { datetime: at.toISOString(), title: full(at, store.zone) }, today ? clock(at, store.zone) : `${weekday(at, store.zone)} ${clock(at, store.zone)}`)),
    h("p", {}, post.text.split("\n").flatMap((line, index) => (index ? [h("br"), line] : [line]))),
    (post.pictures || []).length > 0 && h("div", { class: "files" }, post.pictures.map((said) => h("span", { class: "picture" }, said))),
    h("div", { class: "under" }, post.edited && h("small", {}, "edited"), post.native && post.depth > 0 && h("small", {}, "not through the desk"), reply, again, back)));
}

const lastOfCustomer = (thread) => ([...thread.posts].reverse().find((one) => !one.ours) || {}).id;

// --- trouble ---------------------------------------------------------------------------------------------------------


/** Show the post that a link leads to; false where the link leads elsewhere. */
export function visitPost(url) {
  let best = null;
  for (const [key, threads] of Object.entries(store.columns)) {
    for (const thread of threads) {
      for (const post of thread.posts) {
        for (const id of [post.id, post.id.split("_").pop()]) {
          if (id.length > 5 && url.includes(id) && (!best || url.lastIndexOf(id) > best.at)) best = { key, post, at: url.lastIndexOf(id) };
        }
      }
    }
  }
  if (!best) return false;
  showPlace(best.key);
  const node = dom.feed.querySelector(`[data-post="${CSS.escape(best.post.id)}"]`);
  if (node) {
    node.scrollIntoView({ block: "center", behavior: "smooth" });
    node.classList.remove("found");
    requestAnimationFrame(() => node.classList.add("found"));
  }
  return true;
}
