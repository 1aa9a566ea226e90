// Where people in Slack type: Enter sends, "/" lists the bot's commands, "@" lists people.

import { h } from "./dom.js";
import { store } from "./store.js";

let ids = 0;

/** `send(text)` resolves to true when the text may go from the field. */
export function composer(holder, { label, send }) {
  const id = `composer-${(ids += 1)}`;
  const drafts = new Map();
  const sent = [];
  let recalled = -1;
  let place = "";
  let options = [];
  let chosen = 0;
  let range = [0, 0];

  const field = h("textarea", {
    rows: 1, "aria-label": label, role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false",
    "aria-controls": `${id}-list`, spellcheck: "true", autocomplete: "off",
  });
  const list = h("ul", { class: "suggest", id: `${id}-list`, role: "listbox", "aria-label": "Suggestions", hidden: true });
  const usage = h("div", { class: "usage", hidden: true });
  const button = h("button", { type: "button", class: "btn primary send", "aria-label": "Send" }, "Send");
  holder.replaceChildren(list, usage, h("div", { class: "field" }, field, button));

  const grow = () => {
    field.style.height = "auto";
    field.style.height = `${Math.min(field.scrollHeight, 160)}px`;
  };

  function suggestions() {
    const text = field.value;
    const caret = field.selectionStart;
    const slash = /^\/(\S*)$/.exec(text.slice(0, caret));
    if (slash && caret === text.length) {
      range = [0, text.length];
      return store.commands.filter((one) => one.name.slice(1).startsWith(slash[1].toLowerCase())).map((one) => ({
        fill: `${one.name} `, main: one.name, more: one.usage, about: one.about,
      }));
    }
    const at = /(^|\s)@([\p{L}\w.-]*)$/u.exec(text.slice(0, caret));
    if (at) {
      range = [caret - at[2].length - 1, caret];
      const start = at[2].toLowerCase();
      const people = Object.values(store.people).map((one) => ({
        fill: `@${one.name} `, main: one.name, more: `@${one.handle}`, about: one.bot ? "the bot" : one.role,
      }));
      const groups = Object.values(store.groups).map((one) => ({ fill: `@${one.handle} `, main: `@${one.handle}`, more: "", about: "group" }));
      return [...people, ...groups].filter((one) => `${one.main} ${one.more}`.toLowerCase().split(/[\s@]+/).some((word) => word.startsWith(start)));
    }
    return [];
  }

  function show() {
    options = suggestions().slice(0, 9);
    chosen = Math.min(chosen, Math.max(0, options.length - 1));
    list.hidden = !options.length;
    field.setAttribute("aria-expanded", String(options.length > 0));
    list.replaceChildren(...options.map((one, index) => h("li", {
      id: `${id}-${index}`, role: "option", "aria-selected": String(index === chosen), class: index === chosen ? "on" : "",
      onmousedown: (event) => {
        event.preventDefault();
        pick(index);
      },
    }, h("b", {}, one.main), one.more && h("code", {}, one.more), h("span", {}, one.about))));
    if (options.length) field.setAttribute("aria-activedescendant", `${id}-${chosen}`);
    else field.removeAttribute("aria-activedescendant");
    const on = list.children[chosen];
    if (on) on.scrollIntoView({ block: "nearest" });
    const named = /^(\/\S+)\s/.exec(field.value);
    const command = named && store.commands.find((one) => one.name === named[1].toLowerCase());
    usage.hidden = !command;
    if (command) usage.replaceChildren(h("b", {}, command.name), " ", h("code", {}, command.usage), h("span", {}, command.about));
  }

  function hide() {
    options = [];
    list.hidden = true;
    field.setAttribute("aria-expanded", "false");
  }

  function pick(index) {
    const { fill } = options[index];
    field.setRangeText(fill, range[0], range[1], "end");
    chosen = 0;
    field.focus();
    changed();
  }

  function changed() {
    drafts.set(place, field.value);
    grow();
    show();
  }

  async function go() {
    const text = field.value;
    if (!text.trim()) return;
    const from = place;
    field.value = "";
    changed();
    sent.push(text);
    recalled = -1;
    const gone = await send(text);
    if (!gone && place === from && !field.value) {
      field.value = text;
      changed();
      hide();
    } else if (!gone && !drafts.get(from)) drafts.set(from, text);
  }

  field.addEventListener("input", () => {
    chosen = 0;
    changed();
  });
  field.addEventListener("blur", () => setTimeout(hide, 100));
  field.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (options.length) {
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        chosen = (chosen + (event.key === "ArrowDown" ? 1 : options.length - 1)) % options.length;
        show();
        return;
      }
      const exact = options[chosen].fill.trim() === field.value.trim();
      if (event.key === "Tab" || (event.key === "Enter" && !exact)) {
        event.preventDefault();
        pick(chosen);
        return;
      }
      if (event.key === "Escape") {
        event.stopPropagation();
        hide();
        return;
      }
    }
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      go();
    } else if (event.key === "ArrowUp" && sent.length && (!field.value || recalled >= 0)) {
      event.preventDefault();
      recalled = recalled < 0 ? sent.length - 1 : Math.max(0, recalled - 1);
      field.value = sent[recalled];
      changed();
      hide();
    }
  });
  button.addEventListener("click", go);

  return {
    field,
    /** Another channel or thread: its own draft, its own words in the empty field. */
    moveTo(where, hint, closed = "") {
      if (where !== place) {
        place = where;
        field.value = drafts.get(where) || "";
        grow();
        hide();
        usage.hidden = true;
      }
      field.placeholder = closed || hint;
      field.disabled = Boolean(closed);
      button.disabled = Boolean(closed);
    },
    /** Put words into the field, ready to be sent or gone on with. */
    type(text) {
      field.value = text;
      field.focus();
      field.setSelectionRange(text.length, text.length);
      changed();
    },
  };
}
