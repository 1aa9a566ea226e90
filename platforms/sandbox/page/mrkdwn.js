// Slack's mrkdwn as elements: text only ever becomes text nodes, so nothing in it can be markup of the page.

import { h } from "./dom.js";
import { emoji } from "./emoji.js";
import { fill, full } from "./dates.js";

const entities = { "&amp;": "&", "&lt;": "<", "&gt;": ">" };
export const unescape = (text) => text.replace(/&(amp|lt|gt);/g, (whole) => entities[whole]);

/** Who and when the text is read by: `store` knows people, groups and channels; `me` and `zone` are the reader's. */
export function mention(kind, id, store) {
  if (kind === "user") {
    const person = store.people[id];
    return h("span", { class: `mention${id === store.me ? " mine" : ""}` }, `@${person ? person.short : id}`);
  }
  if (kind === "group") {
    const group = store.groups[id];
    const mine = group && group.users.includes(store.me);
    return h("span", { class: `mention${mine ? " mine" : ""}` }, `@${group ? group.handle : id}`);
  }
  if (kind === "channel") {
    const channel = store.channels[id];
    return h("button", { class: "mention link", type: "button", dataset: { channel: id } }, `#${channel ? channel.name : id}`);
  }
  return h("span", { class: "mention mine" }, `@${id}`);
}

export function date(seconds, pattern, fallback, store, link) {
  const at = new Date(Number(seconds) * 1000);
  if (Number.isNaN(at.getTime())) return h("span", {}, fallback);
  const said = fill(pattern, at, store.now(), store.zone);
  const node = h("time", { class: "when", datetime: at.toISOString(), title: full(at, store.zone) }, said);
  return link ? anchor(link, node) : node;
}

export function anchor(url, ...content) {
  return h("a", { href: url, class: "out", rel: "noreferrer noopener" }, ...content);
}

function angled(inside, store) {
  const [target, ...rest] = inside.split("|");
  const label = rest.join("|");
  if (target.startsWith("@")) return mention("user", target.slice(1), store);
  if (target.startsWith("#")) return mention("channel", target.slice(1), store);
  if (target.startsWith("!subteam^")) return mention("group", target.split("^")[1], store);
  if (target.startsWith("!date^")) {
    const [, seconds, pattern, link] = target.split("^");
    return date(seconds, unescape(pattern || "{date_short_pretty} {time}"), unescape(label), store, link);
  }
  if (target.startsWith("!")) return mention("all", target.slice(1), store);
  return anchor(unescape(target), unescape(label || target.replace(/^mailto:/, "")));
}

function textWithEmoji(text) {
  const parts = [];
  let last = 0;
  for (const match of text.matchAll(/:([a-z0-9_+'-]+(?:::skin-tone-\d)?):/g)) {
    const found = emoji(match[1]);
    if (!found) continue;
    if (match.index > last) parts.push(lines(unescape(text.slice(last, match.index))));
    parts.push(h("span", { class: "emoji", role: "img", "aria-label": match[1].replaceAll("_", " ") }, found));
    last = match.index + match[0].length;
  }
  if (last < text.length) parts.push(lines(unescape(text.slice(last))));
  return parts;
}

function lines(text) {
  const out = [];
  text.split("\n").forEach((line, index) => {
    if (index) out.push(h("br"));
    if (line) out.push(line);
  });
  return out;
}

const marks = [["*", "strong"], ["_", "em"], ["~", "s"]];
const opens = (before) => !before || /[\s(\[{"'.,:;!?·–—>*_~-]/u.test(before);
const closes = (after) => !after || /[\s)\]}"'.,:;!?·–—<*_~-]/u.test(after);

/** Inline mrkdwn -> nodes. */
function inline(text, store) {
  const out = [];
  let plain = "";
  const flush = () => {
    if (plain) out.push(...textWithEmoji(plain));
    plain = "";
  };
  let at = 0;
  while (at < text.length) {
    const rest = text.slice(at);
    if (rest.startsWith("```")) {
      const end = text.indexOf("```", at + 3);
      if (end > at) {
        plain = plain.replace(/\n$/, "");
        flush();
        out.push(h("pre", { class: "code" }, unescape(text.slice(at + 3, end).replace(/^\n/, ""))));
        at = end + (text[end + 3] === "\n" ? 4 : 3);
        continue;
      }
    }
    if (rest[0] === "`") {
      const end = text.indexOf("`", at + 1);
      if (end > at + 1 && !text.slice(at, end).includes("\n")) {
        flush();
        out.push(h("code", {}, unescape(text.slice(at + 1, end))));
        at = end + 1;
        continue;
      }
    }
    if (rest[0] === "<") {
      const end = text.indexOf(">", at);
      if (end > at) {
        flush();
        out.push(angled(text.slice(at + 1, end), store));
        at = end + 1;
        continue;
      }
    }
    const mark = marks.find(([sign]) => sign === rest[0]);
    if (mark && opens(text[at - 1]) && text[at + 1] && !/\s/.test(text[at + 1])) {
      let end = at + 1;
      for (;;) {
        end = text.indexOf(mark[0], end + 1);
        if (end < 0 || (!/\s/.test(text[end - 1]) && closes(text[end + 1]))) break;
      }
      if (end > at + 1 && !text.slice(at, end).includes("\n")) {
        flush();
        out.push(h(mark[1], {}, ...inline(text.slice(at + 1, end), store)));
        at = end + 1;
        continue;
      }
    }
    plain += rest[0];
    at += 1;
  }
  flush();
  return out;
}

/** mrkdwn with its quotes -> nodes. */
export function mrkdwn(text, store) {
  const out = [];
  let quote = [];
  let body = [];
  const flushQuote = () => {
    if (quote.length) out.push(h("blockquote", {}, ...inline(quote.join("\n"), store)));
    quote = [];
  };
  const flushBody = () => {
    if (body.length) out.push(h("span", { class: "run" }, ...inline(body.join("\n"), store)));
    body = [];
  };
  let fenced = false;
  for (const line of String(text ?? "").split("\n")) {
    const quoted = !fenced && /^(&gt;|>)\s?/.exec(line);
    if (quoted) {
      flushBody();
      quote.push(line.slice(quoted[0].length));
    } else {
      flushQuote();
      body.push(line);
      if ((line.match(/```/g) || []).length % 2) fenced = !fenced;
    }
  }
  flushQuote();
  flushBody();
  return out;
}

/** plain_text: emoji names become emoji, nothing else means anything. */
export function plainText(object) {
  if (!object) return [];
  const text = object.text ?? "";
  return object.emoji === false ? [lines(text)] : textWithEmoji(text.replaceAll("&", "&amp;"));
}

export const textObject = (object, store) =>
  !object ? [] : object.type === "mrkdwn" ? mrkdwn(object.text, store) : plainText(object);

/** The words alone, for labels and previews. */
export function bare(text, store) {
  const holder = h("div", {}, ...mrkdwn(text, store));
  return holder.textContent;
}
